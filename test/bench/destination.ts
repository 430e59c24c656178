import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { RULINGS } from "@sluice/zendesk";
import { upserted } from "../upserted.ts";
import { serveParent } from "./child.ts";

/**
 * Stands in for the destination: answers each upsert with 200 after a fixed time, and measures. It says that it checks tokens, as
 * services/records does, unless `fences` is false, and checks nothing; whether writes are right is for the tests to say.
 */
export type DestinationSettings = { readonly latencyMs: number; readonly fences?: boolean };

/** `calls`: drained when so many were answered. `records`: when so many stand at `revision`. */
export type Expectation = {
  readonly by: "calls" | "records";
  readonly calls: number;
  readonly records: number;
  readonly revision: number;
};

export type DestinationReport = {
  /** When the first call came, and when the expectation was met (ms since 1970). */
  readonly firstCallAt: number;
  readonly drainedAt: number;
  readonly calls: number;
  readonly maxInFlight: number;
  /** The most calls that came within any 60 seconds. */
  readonly mostInAnyMinute: number;
  /** Records that don't stand at the last revision, though all is done. */
  readonly wrong: number;
};

/** Answers `wait` when the expectation is met, and `written` at once. */
export type DestinationOrder = { readonly expect: Expectation } | "wait" | "written";

/** The number of records since the last expectation, and when the last write was answered (ms since 1970). */
export type Written = { readonly records: number; readonly lastAt: number };

if (import.meta.main) serveParent(serveDestination);

async function serveDestination({ latencyMs, fences = true }: DestinationSettings) {
  let expected: Expectation = { by: "calls", calls: 0, records: 0, revision: 0 };
  let revisions = new Map<string, number>();
  let right = 0;
  let calls = 0;
  let firstCallAt: number | undefined;
  let inLastMinute: number[] = [];
  let mostInAnyMinute = 0;
  let lastWrittenAt = 0;
  let inFlight = 0;
  let maxInFlight = 0;
  let drained = Promise.withResolvers<DestinationReport>();

  const called = (): void => {
    const now = performance.now();
    calls++;
    firstCallAt ??= performance.timeOrigin + now;
    inLastMinute.push(now);
    while (inLastMinute[0]! <= now - 60_000) inLastMinute.shift();
    mostInAnyMinute = Math.max(mostInAnyMinute, inLastMinute.length);
  };
  const written = (record: string, revision: number): void => {
    if (revisions.get(record) === expected.revision) right--;
    if (revision === expected.revision) right++;
    revisions.set(record, revision);
    lastWrittenAt = performance.timeOrigin + performance.now();
    const met = expected.by === "calls" ? calls === expected.calls : right === expected.records;
    if (!met) return;
    drained.resolve({
      firstCallAt: firstCallAt ?? lastWrittenAt,
      drainedAt: lastWrittenAt,
      calls,
      maxInFlight,
      mostInAnyMinute,
      wrong: expected.records - right,
    });
  };

  const server = createServer((request, response) => {
    inFlight++;
    maxInFlight = Math.max(maxInFlight, inFlight);
    const answer = async (): Promise<void> => {
      called();
      const answered = latencyMs === 0 ? null : later(latencyMs);
      const body = await text(request);
      await answered;
      const sent = JSON.parse(body) as Upsert | Job;
      inFlight--;
      response.writeHead(200, { "content-type": "application/json", ...(fences ? echoOf(request) : {}) });
      if ("job" in sent) {
        response.end(JSON.stringify({ job_status: completed(sent) }));
        for (const item of sent.job.items) written(item.external_id, item.custom_object_fields.revision);
      } else {
        response.end(upserted(request.url));
        written(keyOf(request.url), sent.custom_object_record.custom_object_fields.revision);
      }
    };
    answer().catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async obey(order: DestinationOrder) {
      if (order === "wait") return await drained.promise;
      if (order === "written") return { records: revisions.size, lastAt: lastWrittenAt } satisfies Written;
      expected = order.expect;
      revisions = new Map();
      right = 0;
      calls = 0;
      firstCallAt = undefined;
      inLastMinute = [];
      mostInAnyMinute = 0;
      maxInFlight = 0;
      drained = Promise.withResolvers();
      return undefined;
    },
    close: async () => server.closeAllConnections(),
  };
}

type Values = { custom_object_fields: { revision: number } };
type Upsert = { custom_object_record: Values };
type Job = { job: { items: (Values & { external_id: string })[] } };

/** The header that says that the request's token, or a job's tokens, are checked. */
function echoOf({ headers }: IncomingMessage): Record<string, string> {
  if (headers[RULINGS.jobFencesHeader.toLowerCase()] !== undefined)
    return { [RULINGS.fenceHeader]: RULINGS.jobFencesChecked };
  const fence = headers[RULINGS.fenceHeader.toLowerCase()];
  return typeof fence === "string" ? { [RULINGS.fenceHeader]: fence } : {};
}

/** A bulk job that ends at once, as jobs of services/records do. */
function completed({ job: { items } }: Job): object {
  const results = items.map(({ external_id }, index) => ({ index, external_id, status: "CreateOrUpdate" }));
  return { id: "bench", status: "completed", total: items.length, progress: items.length, message: null, results };
}

function keyOf(url = ""): string {
  return new URL(url, "http://destination").searchParams.get("external_id") ?? "";
}

async function later(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
