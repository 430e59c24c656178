-- Bulk jobs, for as long as they can be asked for.
--
-- What it keeps true: a job that is not finished has a process that promised to say again, before the lease
-- ends, that it is at it. One whose lease has ended counts as failed: nobody waits for it for ever.

create table records.job (
  -- V3- and 32 hexadecimal digits that begin with the time: in its own order the order of creation.
  id text collate "C" primary key,
  status text not null check (status in ('queued', 'working', 'completed', 'failed')),
  total integer not null,
  progress integer,
  message text,
  -- As they are sent: nothing in the database looks into them.
  results json,
  created_at timestamptz(3) not null,
  lease_until timestamptz(3),
  check ((lease_until is null) = (status in ('completed', 'failed')))
);

create index job_live on records.job (lease_until) where lease_until is not null;
