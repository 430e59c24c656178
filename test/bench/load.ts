import { Pool } from "undici";
import { serveParent } from "./child.ts";
import { PATH, signedEvent, type Batch } from "./event.ts";
import { CONNECTIONS, LOAD_DEADLINE_MS } from "./limits.ts";
import { quantile } from "./quantile.ts";

/** The result of sending a batch. Times are milliseconds since 1970. */
export type LoadReport = {
  readonly accepted: number;
  /** Requests that were answered with something else than 202, or not at all. */
  readonly refused: number;
  readonly startedAt: number;
  readonly lastAcceptedAt: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
};

export type LoadOrder = { readonly url: string; readonly batch: Batch };

if (import.meta.main) {
  serveParent(async () => ({ obey: sendBatch, close: async () => {} }));
}

/** Events that are signed before the clock starts; a longer batch's others are signed on the way. */
const SIGNED_BEFOREHAND = 20_000;

/** Sends every event once, in order, over connections that each wait for their answer. */
async function sendBatch({ url, batch }: LoadOrder): Promise<LoadReport> {
  const signed = Array.from({ length: Math.min(batch.events, SIGNED_BEFOREHAND) }, (_, index) =>
    signedEvent(batch, index),
  );
  const pool = new Pool(url, { connections: CONNECTIONS, pipelining: 1 });
  const deadline = AbortSignal.timeout(LOAD_DEADLINE_MS);
  const latencies: number[] = [];
  let next = 0;
  let refused = 0;
  let lastAcceptedAt = 0;

  const connection = async (): Promise<void> => {
    while (next < batch.events && !deadline.aborted) {
      const { headers, body } = signed[next] ?? signedEvent(batch, next);
      next += 1;
      const sentAt = performance.now();
      try {
        const answer = await pool.request({ method: "POST", path: PATH, headers, body, signal: deadline });
        await answer.body.dump();
        if (answer.statusCode === 202) {
          latencies.push(performance.now() - sentAt);
          lastAcceptedAt = wallClock();
        } else refused++;
      } catch {
        refused++;
      }
    }
  };
  const startedAt = wallClock();
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  await pool.close();
  refused += batch.events - latencies.length - refused;
  return {
    accepted: latencies.length,
    refused,
    startedAt,
    lastAcceptedAt,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
  };
}

function wallClock(): number {
  return performance.timeOrigin + performance.now();
}
