import { setTimeout as wait } from "node:timers/promises";
import { Pool } from "undici";
import { serveParent } from "./child.ts";
import { signedEvent, type Batch } from "./event.ts";

/** Events that are sent at their own times, whether or not the ones before were answered. */
export type SteadyOrder = {
  readonly url: string;
  readonly perSecond: number;
  /** Each source gets the events of its batch, all of them at the same pace. */
  readonly batches: Readonly<Record<string, Batch>>;
  /** The events before this one were sent already. */
  readonly from?: number;
};

/** When each event was accepted (ms since 1970), by source, in the order of the batch. */
export type SteadyReport = Readonly<Record<string, readonly number[]>>;

if (import.meta.main) serveParent(async () => ({ obey: sendSteadily, close: async () => {} }));

async function sendSteadily({ url, perSecond, batches, from = 0 }: SteadyOrder): Promise<SteadyReport> {
  const pool = new Pool(url);
  try {
    const sent = Object.entries(batches).map(async ([source, batch]) => {
      const requests = Array.from({ length: batch.events - from }, (_, at) => signedEvent(batch, from + at));
      const startedAt = performance.now();
      const accepted = requests.map(async (request, index) => {
        await wait(Math.max(0, startedAt + (index * 1000) / perSecond - performance.now()));
        const answer = await pool.request({ method: "POST", path: `/webhooks/${source}`, ...request });
        await answer.body.dump();
        if (answer.statusCode !== 202) throw new Error(`${source} was answered with ${answer.statusCode}`);
        return performance.timeOrigin + performance.now();
      });
      return [source, await Promise.all(accepted)] as const;
    });
    return Object.fromEntries(await Promise.all(sent));
  } finally {
    await pool.close();
  }
}
