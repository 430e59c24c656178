import type { Database } from "@sluice/runtime";
import { RULINGS } from "@sluice/zendesk";
import type { PageRows } from "../paging/page.ts";
import type { PageRequest } from "../paging/page-request.ts";
import { LIMITS } from "../limits.ts";
import { messageOf, type JobRow } from "./job-row.ts";

const COLUMNS = "id, status, total, progress, message, results";

/** The jobs that can be asked for, in the database. Times are ISO text or milliseconds. */
export type JobLedger = {
  /** A new job; `leaseUntilMs` is null for one that is finished already. */
  add(job: JobRow, at: { readonly createdAtMs: number; readonly leaseUntilMs: number | null }): Promise<void>;
  /** Says again that live jobs are being seen to. */
  renew(ids: readonly string[], leaseUntilMs: number): Promise<void>;
  /** A job's next state; a job that counts as failed already stays so. */
  change(job: JobRow, leaseUntilMs: number | null): Promise<void>;
  find(ids: readonly string[], nowMs: number): Promise<JobRow[]>;
  /** Jobs from the newest to the oldest: behind one id, or before another. */
  list(page: Pick<PageRequest, "size" | "after" | "before">, nowMs: number): Promise<PageRows<JobRow>>;
  /** Forgets finished jobs that are too old or too many. */
  forget(nowMs: number): Promise<void>;
};

export function jobLedger(database: Database): JobLedger {
  /** A look at the jobs fails those whose process is gone, so that nobody sees them work for ever. */
  const failAbandoned = async (nowMs: number) => {
    await database.query(
      `update records.job set status = 'failed', message = $2::text, lease_until = null
       where lease_until < $1::timestamptz`,
      [iso(nowMs), messageOf("failed", nowMs)],
    );
  };
  return {
    async add({ id, status, total, progress, message, results }, { createdAtMs, leaseUntilMs }) {
      await database.query(
        `insert into records.job (${COLUMNS}, created_at, lease_until)
         values ($1::text, $2::text, $3::integer, $4::integer, $5::text, $6::json, $7::timestamptz, $8::timestamptz)`,
        [id, status, total, progress, message, json(results), iso(createdAtMs), iso(leaseUntilMs)],
      );
    },
    async renew(ids, leaseUntilMs) {
      await database.query(
        `update records.job set lease_until = $2::timestamptz where id = any($1::text[]) and lease_until is not null`,
        [ids, iso(leaseUntilMs)],
      );
    },
    async change({ id, status, progress, message, results }, leaseUntilMs) {
      await database.query(
        `update records.job set status = $2::text, progress = $3::integer, message = $4::text, results = $5::json,
           lease_until = $6::timestamptz
         where id = $1::text and lease_until is not null`,
        [id, status, progress, message, json(results), iso(leaseUntilMs)],
      );
    },
    async find(ids, nowMs) {
      await failAbandoned(nowMs);
      return database.query(`select ${COLUMNS} from records.job where id = any($1::text[]) order by id`, [ids]);
    },
    async list({ size, after, before }, nowMs) {
      await failAbandoned(nowMs);
      const rows = await database.query<JobRow>(
        before === undefined
          ? `select ${COLUMNS} from records.job where $1::text is null or id < $1::text order by id desc limit $2::integer`
          : `select ${COLUMNS} from records.job where id > $1::text order by id limit $2::integer`,
        [(before ?? after)?.id ?? null, size + 1],
      );
      const page = rows.slice(0, size);
      return { rows: before === undefined ? page : page.toReversed(), hasMore: rows.length > size };
    },
    async forget(nowMs) {
      await database.query(
        `delete from records.job where lease_until is null and (created_at < $1::timestamptz
           or id < (select id from records.job order by id desc offset $2::integer limit 1))`,
        [iso(nowMs - RULINGS.jobRetentionMs), LIMITS.jobsKept],
      );
    },
  };
}

function json(results: JobRow["results"]): string | null {
  return results === null ? null : JSON.stringify(results);
}

function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
