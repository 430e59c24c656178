import { Refusal, type JobResult } from "@sluice/zendesk";
import type { Caller } from "../caller.ts";
import { recordWriter } from "../records/record-writer.ts";
import {
  createRecord,
  deleteRecord,
  UNGUARDED,
  updateRecord,
  upsertRecord,
  type Guard,
  type WriteResult,
} from "../records/record-write.ts";
import type { Store } from "../store.ts";
import { readItem, type BulkJob, type ItemOrder } from "./bulk-job.ts";
import { failureOf, resultOf } from "./job-result.ts";
import { stretchesOf } from "./stretches.ts";

/**
 * Carries a job out and yields the result of each item.
 *
 * Items are handed to a writer of the job's own all at once, which makes one statement of them. An item waits for
 * an earlier one with the same key, and for all that it may point to.
 * @throws when the database does not answer; some items may have been written by then
 */
export async function runJob(store: Store, object: string, job: BulkJob, caller: Caller): Promise<JobResult[]> {
  const ofJob: Store = { ...store, writer: recordWriter(store.database) };
  const results: JobResult[] = [];
  for (const stretch of stretchesOf(job.items.map((item, index) => read(job, item, index)))) {
    const lastOfKey = new Map<string, Promise<unknown>>();
    const running = stretch.map(async (item) => {
      const key = keyOf(item.order);
      const before = lastOfKey.get(key);
      const done = before === undefined ? carryOut(item) : before.then(() => carryOut(item));
      if (key !== "") lastOfKey.set(key, done);
      results[item.index] = await done;
    });
    // All items have ended before an item that could not be carried out is thrown.
    for (const ended of await Promise.allSettled(running)) if (ended.status === "rejected") throw ended.reason;
  }
  return results;

  async function carryOut({ index, order, refusal }: ReadItem): Promise<JobResult> {
    try {
      if (order === undefined) throw refusal;
      const { row } = await write(ofJob, object, order, caller, job.guards[index] ?? UNGUARDED);
      return resultOf(job.action, index, row);
    } catch (error) {
      if (!(error instanceof Refusal) || error.answer.status >= 500) throw error;
      return failureOf(job.action, index, order, error);
    }
  }
}

type ReadItem = { readonly index: number } & (
  | { readonly order: ItemOrder; readonly refusal?: undefined }
  | { readonly order?: undefined; readonly refusal: Refusal }
);

function read(job: BulkJob, item: unknown, index: number): ReadItem {
  try {
    return { index, order: readItem(job, item) };
  } catch (error) {
    if (error instanceof Refusal) return { index, refusal: error };
    throw error;
  }
}

function keyOf(order: ItemOrder | undefined): string {
  return order === undefined || order.kind === "create" ? "" : order.key.value;
}

function write(store: Store, object: string, order: ItemOrder, caller: Caller, guard: Guard): Promise<WriteResult> {
  switch (order.kind) {
    case "create":
      return createRecord(store, object, order.body, caller);
    case "update":
      return updateRecord(store, object, order.key.value, order.body, caller);
    case "upsert":
      return upsertRecord(store, object, order.key, order.body, { caller, guard });
    case "delete":
      return deleteRecord(store, object, order.key, { caller, guard });
    default:
      return order satisfies never;
  }
}
