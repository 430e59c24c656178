import type { Migration } from "@sluice/runtime";

/**
 * `segments`: the lines of the archive, packed, by the day on which they were written. The body stands aside of its row, so that a
 * search walks over the filters alone; filters stand in the row itself, whatever their size.
 */
export const MIGRATIONS: readonly Migration[] = [
  {
    name: "1-segments",
    sql: `
      create schema if not exists sluice_history;
      create sequence sluice_history.segment_numbers;
      create table sluice_history.segments (
        day date not null,
        number bigint not null default nextval('sluice_history.segment_numbers'),
        stream text not null,
        from_micros bigint not null,
        until_micros bigint not null,
        lines int not null,
        items int not null,
        filter bytea not null,
        body bytea not null
      ) partition by range (day);
      alter table sluice_history.segments alter column filter set storage plain;
      alter table sluice_history.segments alter column body set storage external;
      create index segments_until on sluice_history.segments (stream, until_micros desc, number);
      create index segments_number on sluice_history.segments (number);

      create table sluice_history.gaps (
        number bigint generated always as identity primary key,
        reason text not null,
        from_at timestamptz not null,
        until_at timestamptz not null,
        events bigint,
        flights bigint,
        noted_at timestamptz not null default now()
      );
      create index gaps_until on sluice_history.gaps (until_at);

      -- The processes that archive: one that says nothing any more ended with what it had not yet written.
      create table sluice_history.archivers (
        session text primary key,
        written_at timestamptz not null,
        beat_at timestamptz not null default now()
      );`,
  },
  {
    // A replay walks over the segments the oldest first.
    name: "2-oldest-first",
    sql: "create index segments_from on sluice_history.segments (stream, from_micros, number);",
  },
  {
    // Days that were made without it (days.ts).
    name: "3-days-by-one-process",
    sql: `
      do $$
      declare day regclass;
      begin
        for day in select inhrelid::regclass from pg_inherits where inhparent = 'sluice_history.segments'::regclass loop
          execute format('alter table %s set (parallel_workers = 0)', day);
        end loop;
      end $$;`,
  },
  {
    // Names are hashes. A row counts once its filing is settled: it may have been written while its letter stayed where it was.
    name: "4-dead-letters",
    sql: `
      create sequence sluice_history.dead_letter_numbers;
      create table sluice_history.dead_letters (
        day date not null,
        number bigint not null,
        filing bigint not null,
        rest boolean not null,
        id text collate "C" not null,
        kept_micros bigint not null,
        at_ms bigint not null,
        destination text not null,
        object text not null,
        source text not null,
        code text not null,
        key text not null,
        cause text not null,
        body bytea not null
      ) partition by range (day);
      alter table sluice_history.dead_letters alter column body set storage external;
      create index dead_letters_number on sluice_history.dead_letters (number);
      create index dead_letters_filing on sluice_history.dead_letters (filing);
      create index dead_letters_id on sluice_history.dead_letters (id);
      create index dead_letters_kept on sluice_history.dead_letters (kept_micros desc, id desc);
      create index dead_letters_at on sluice_history.dead_letters (at_ms desc, id desc);
      create index dead_letters_cause on sluice_history.dead_letters (cause, at_ms desc, id desc);

      create table sluice_history.letter_filings (
        number bigint generated always as identity primary key,
        keeper text not null,
        batch bigint not null
      );`,
  },
];
