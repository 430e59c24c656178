import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { run } from "../connection/connection.ts";
import { JOB_PERMIT_MS } from "../limits.ts";

/** Permits of the whole fleet for jobs that a destination works on. */
export type JobPermits = {
  /** Takes a permit before the job is asked for; null: all are taken. */
  take(): Promise<JobPermit | null>;
};

/** A permit that a job holds. It ends by itself when it isn't kept for a minute: its worker has died, and its job has most likely ended. */
export type JobPermit = {
  keep(): Promise<void>;
  release(): Promise<void>;
};

export function createJobPermits(redis: Redis, tag: string, permits: number): JobPermits {
  return {
    async take() {
      const name = randomUUID();
      const say = async (keepMs: number): Promise<unknown> =>
        await run(redis, "sluice_job", tag, [name, keepMs, permits]);
      if ((await say(JOB_PERMIT_MS)) === "full") return null;
      return {
        keep: async () => void (await say(JOB_PERMIT_MS)),
        release: async () => void (await say(0)),
      };
    },
  };
}
