import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { run } from "./connection.ts";
import { JOB_PLACE_MS } from "./limits.ts";

/** The places of the whole fleet for jobs that a destination works on. */
export type JobPlaces = {
  /** Takes a place before the job is asked for; null: all are taken. */
  enter(): Promise<JobPlace | null>;
};

/** A place that a job holds. It ends by itself when it isn't kept for a minute: its worker has died, and its job has most likely ended. */
export type JobPlace = {
  keep(): Promise<void>;
  leave(): Promise<void>;
};

export function createJobPlaces(redis: Redis, tag: string, places: number): JobPlaces {
  return {
    async enter() {
      const name = randomUUID();
      const say = async (keepMs: number): Promise<unknown> =>
        await run(redis, "sluice_job", tag, [name, keepMs, places]);
      if ((await say(JOB_PLACE_MS)) === "full") return null;
      return {
        keep: async () => void (await say(JOB_PLACE_MS)),
        leave: async () => void (await say(0)),
      };
    },
  };
}
