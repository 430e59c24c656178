import type { Redis } from "ioredis";
import { MAX_WAITING_JOBS_READ } from "../../limits.ts";
import { decodeJob, UnreadableJobError } from "../jobs/job-data.ts";
import { QUEUES } from "../names.ts";

/** The sources of the webhooks that wait to be understood. */
export type WaitingSources = {
  readonly webhooks: ReadonlyMap<string, number>;
  /** False: there are more jobs than are read; only the first were. */
  readonly isWhole: boolean;
};

export async function waitingSources(redis: Redis, tag: string): Promise<WaitingSources> {
  const webhooks = new Map<string, number>();
  let left = MAX_WAITING_JOBS_READ;
  let isWhole = true;
  for (const name of QUEUES) {
    const queue = `${tag}:${name}`;
    const most = String(left);
    const [waiting, paused, active, delayed] = await Promise.all([
      redis.lrange(`${queue}:wait`, 0, most),
      redis.lrange(`${queue}:paused`, 0, most),
      redis.lrange(`${queue}:active`, 0, most),
      redis.zrange(`${queue}:delayed`, "0", most),
    ]);
    const jobs = new Set([...waiting, ...paused, ...active, ...delayed]);
    for (const id of jobs) {
      if (left === 0) isWhole = false;
      if (left === 0) break;
      left -= 1;
      for (const source of await sourcesOf(await redis.hget(`${queue}:${id}`, "data"))) {
        webhooks.set(source, (webhooks.get(source) ?? 0) + 1);
      }
    }
  }
  return { webhooks, isWhole };
}

/** The source of each webhook of a job; none where a worker was faster, or where the job will be a dead letter. */
async function sourcesOf(data: string | null): Promise<readonly string[]> {
  if (data === null) return [];
  try {
    return (await decodeJob(JSON.parse(data))).webhooks.map(({ source }) => source);
  } catch (error) {
    if (error instanceof UnreadableJobError || error instanceof SyntaxError) return [];
    throw error;
  }
}
