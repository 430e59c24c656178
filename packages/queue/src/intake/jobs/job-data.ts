import { promisify } from "node:util";
import { deflateRaw, deflateRawSync, inflateRaw, inflateRawSync } from "node:zlib";
import type { KeptWebhook } from "@sluice/event";
import { COMPRESS_FROM_BYTES, COMPRESS_HERE_BYTES, MAX_JOB_BYTES, MAX_TRACE_CHARS } from "../../limits.ts";
import type { IntakeJob, IntakeWebhook } from "../webhook.ts";

/** A BullMQ job's data: plain, or as text that begins with `z` and goes on with the plain data, deflated, in base64. */
export type JobData = { readonly value: unknown; readonly bytes: number };

const VERSION = 1;
const DEFLATED = "z";
const LEVEL = { level: 1 };
const deflateAside = promisify(deflateRaw);
const inflateAside = promisify(inflateRaw);

export async function encodeJob({ configuration, digests, webhooks }: IntakeJob): Promise<JobData> {
  const value = { v: VERSION, c: configuration, w: webhooks.map(rowOf), s: digests };
  const text = JSON.stringify(value);
  if (text.length < COMPRESS_FROM_BYTES) return { value, bytes: text.length };
  const packed = DEFLATED + (await deflated(text)).toString("base64");
  return { value: packed, bytes: packed.length };
}

/** Room for the bytes of a text that is deflated here, however many of them each of its characters takes. */
const room = Buffer.allocUnsafeSlow(3 * COMPRESS_HERE_BYTES);

/** Deflating a little text here costs less than another thread does, and bytes in memory of their own would be more to collect. */
async function deflated(text: string): Promise<Buffer> {
  const bytes = text.length <= COMPRESS_HERE_BYTES ? room.write(text) : Infinity;
  if (bytes <= COMPRESS_HERE_BYTES) return deflateRawSync(room.subarray(0, bytes), LEVEL);
  return await deflateAside(Buffer.from(text), LEVEL);
}

/** @throws UnreadableJobError */
export async function decodeJob(value: unknown): Promise<IntakeJob> {
  try {
    return jobOf(typeof value === "string" ? JSON.parse(await unpacked(value)) : value);
  } catch (cause) {
    if (cause instanceof UnreadableJobError) throw cause;
    throw new UnreadableJobError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** A job that this version can't read: a newer one wrote it, or it is damaged. */
export class UnreadableJobError extends Error {}

async function unpacked(text: string): Promise<string> {
  if (!text.startsWith(DEFLATED)) throw new UnreadableJobError("its data begins with no known form");
  const bytes = Buffer.from(text.slice(DEFLATED.length), "base64");
  const options = { maxOutputLength: MAX_JOB_BYTES };
  const plain =
    bytes.length <= COMPRESS_HERE_BYTES ? inflateRawSync(bytes, options) : await inflateAside(bytes, options);
  return plain.toString("utf8");
}

type Row = [
  source: string,
  rank: number,
  micros: number,
  session: number,
  method: string,
  path: string,
  query: string,
  headers: KeptWebhook["headers"],
  body: string,
  ids: readonly string[],
  secretNumber: number,
  wait: number | null,
  run: number,
  url: string,
  trace?: string,
];

function rowOf({ source, rank, arrival, kept, ids, secretNumber, wait, run, trace }: IntakeWebhook): Row {
  const { method, url, path, query, headers, body } = kept;
  const { micros, session } = arrival;
  const row: Row = [
    source,
    rank,
    micros,
    session,
    method,
    path,
    query,
    headers,
    body,
    ids,
    secretNumber,
    wait,
    run,
    url,
  ];
  // The release before reads no further than the URL.
  if (trace !== undefined) row.push(trace);
  return row;
}

function jobOf(value: unknown): IntakeJob {
  const { v, c, w, s } = (value ?? {}) as { v?: unknown; c?: unknown; w?: unknown; s?: unknown };
  if (v !== VERSION)
    throw new UnreadableJobError(`its version is ${JSON.stringify(v) ?? "missing"}, and ${VERSION} is known`);
  if (!Number.isSafeInteger(c) || !Array.isArray(w) || w.length === 0 || typeof s !== "object" || s === null) {
    throw new UnreadableJobError("it holds no list of webhooks");
  }
  return { configuration: Number(c), digests: s as IntakeJob["digests"], webhooks: w.map(webhookOf) };
}

function webhookOf(row: unknown, place: number): IntakeWebhook {
  if (!isRow(row)) throw new UnreadableJobError(`its webhook ${place + 1} is none`);
  const [source, rank, micros, session, method, path, query, headers, body, ids, secretNumber, wait, run, url, trace] =
    row;
  const kept = { method, url, path, query, headers, body };
  const traced = typeof trace === "string" && trace.length <= MAX_TRACE_CHARS ? { trace } : {};
  return { source, rank, arrival: { micros, session }, kept, ids, secretNumber, wait, run, ...traced };
}

function isRow(row: unknown): row is Row {
  if (!Array.isArray(row) || row.length < 14) return false;
  const [source, rank, micros, session, method, path, query, headers, body, ids] = row as unknown[];
  const texts = [source, method, path, query, body, row[13]];
  return (
    texts.every((each) => typeof each === "string") &&
    [rank, micros, session].every((each) => Number.isSafeInteger(each)) &&
    Array.isArray(headers) &&
    headers.every(
      (pair) => Array.isArray(pair) && pair.length === 2 && pair.every((each) => typeof each === "string"),
    ) &&
    Array.isArray(ids) &&
    ids.every((id) => typeof id === "string")
  );
}
