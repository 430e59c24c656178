import type { Clock, Database } from "@sluice/runtime";
import { LIMITS } from "../limits.ts";

/**
 * Whether the account holds as many records as it may. Counting tens of millions for each new one is out
 * of the question: what this process created is added to a count, and the count is taken anew when the
 * sum reaches the limit. Other processes' records are seen then, so the limit can be passed by a few.
 */
export type RecordTally = {
  isFull(): Promise<boolean>;
  /** The records of all objects together, at most a little old. */
  count(): Promise<number>;
  created(): void;
};

export async function recordTally(database: Database, clock: Clock, limit: number): Promise<RecordTally> {
  let count = await countRecords(database);
  let countedAtMs = clock.nowMs();
  const countAnew = async () => {
    if (clock.nowMs() - countedAtMs < LIMITS.recordCountMaxAgeMs) return;
    countedAtMs = clock.nowMs();
    count = await countRecords(database);
  };
  return {
    async isFull() {
      if (count >= limit) await countAnew();
      return count >= limit;
    },
    async count() {
      await countAnew();
      return count;
    },
    created() {
      count += 1;
    },
  };
}

/** The number of live records: exact while that is quick; the planner's estimate, kept fresh by autovacuum, once there are many. */
async function countRecords(database: Database): Promise<number> {
  const [row] = await database.query<{ count: number }>(
    `select case when estimate > $1::float8 then estimate
       else (select count(*) from records.record where deleted_at is null)::float8 end as count
     from (select reltuples::float8 as estimate from pg_class where oid = 'records.record'::regclass) as planner`,
    [LIMITS.exactlyCountedRecords],
  );
  return row?.count ?? 0;
}
