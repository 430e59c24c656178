import type { Redis } from "ioredis";
import { QUEUES } from "../names.ts";

/**
 * Takes the locks off the jobs that a killed worker left, so that BullMQ's first look at stalled jobs, which comes as soon as a worker
 * runs, gives them back. Otherwise they wait for the end of their locks, and then for two looks. To be called before any worker runs.
 */
export async function unlockJobs(redis: Redis, tag: string): Promise<void> {
  for (const name of QUEUES) {
    const queue = `${tag}:${name}`;
    const jobs = await redis.lrange(`${queue}:active`, 0, -1);
    if (jobs.length === 0) continue;
    await redis
      .multi()
      .sadd(`${queue}:stalled`, ...jobs)
      .del(`${queue}:stalled-check`, ...jobs.map((job) => `${queue}:${job}:lock`))
      .exec();
  }
}
