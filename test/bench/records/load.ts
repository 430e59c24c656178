import { Pool } from "undici";
import { serveParent } from "../child.ts";
import { rowAt } from "./row.ts";

export type Load = {
  readonly url: string;
  readonly token: string;
  readonly object: string;
  readonly connections: number;
  /** Records that are written; a job has a hundred. */
  readonly writes: number;
  readonly keys: number;
  readonly bulk: boolean;
};

/** One GET or POST, many times. */
export type Reads = Pick<Load, "url" | "token" | "connections"> & {
  readonly requests: readonly { readonly method: "GET" | "POST"; readonly path: string; readonly body?: string }[];
};

export type LoadReport = {
  readonly perSecond: number;
  readonly failed: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
};

if (import.meta.main) {
  serveParent(async () => ({ obey: (order: Load | Reads) => run(order), close: async () => {} }));
}

async function run(order: Load | Reads): Promise<LoadReport> {
  const { url, token, connections } = order;
  const requests = "requests" in order ? order.requests : writesOf(order);
  const records = "requests" in order ? requests.length : order.writes;
  const pool = new Pool(url, { connections, pipelining: 1 });
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const latencies: number[] = [];
  let next = 0;
  let failed = 0;
  const connection = async (): Promise<void> => {
    while (next < requests.length) {
      const { method, path, body } = requests[next++]!;
      const sentAt = performance.now();
      const answer = await pool.request({ method, path, headers, body: body ?? null });
      const text = await answer.body.text();
      latencies.push(performance.now() - sentAt);
      if (answer.statusCode >= 300 || text.includes('"Failed"')) failed += 1;
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: connections }, connection));
  const seconds = (performance.now() - startedAt) / 1_000;
  await pool.close();
  latencies.sort((a, b) => a - b);
  const quantile = (share: number): number => latencies[Math.ceil(latencies.length * share) - 1] ?? Number.NaN;
  return { perSecond: records / seconds, failed, p50Ms: quantile(0.5), p99Ms: quantile(0.99) };
}

/** All requests are made before the clock starts. */
function writesOf({ object, writes, keys, bulk }: Load): { method: "PATCH" | "POST"; path: string; body: string }[] {
  const collection = `/api/v2/custom_objects/${object}`;
  if (!bulk) {
    return Array.from({ length: writes }, (_, index) => {
      const { externalId, name, fields } = rowAt(index, keys);
      const body = JSON.stringify({ custom_object_record: { name, custom_object_fields: fields } });
      return { method: "PATCH", path: `${collection}/records?external_id=${encodeURIComponent(externalId)}`, body };
    });
  }
  return Array.from({ length: Math.floor(writes / JOB_ITEMS) }, (_, job) => {
    const items = Array.from({ length: JOB_ITEMS }, (__, item) => {
      const { externalId, name, fields } = rowAt(job * JOB_ITEMS + item, keys);
      return { external_id: externalId, name, custom_object_fields: fields };
    });
    const body = JSON.stringify({ job: { action: "create_or_update_by_external_id", items } });
    return { method: "POST", path: `${collection}/jobs`, body };
  });
}

const JOB_ITEMS = 100;
