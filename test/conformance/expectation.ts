import { isDeepStrictEqual, inspect } from "node:util";
import { customObjectRecord, type CustomObjectRecord } from "@sluice/zendesk";
import { z } from "zod";
import type { Answer } from "./target.ts";

/** A sentence of the contract that was not kept, with the observation. */
export class Broken extends Error {}

/** The answer has this status; otherwise the message says which one it had. */
export function expectStatus(answer: Answer, ...allowed: readonly number[]): Answer {
  if (allowed.includes(answer.status)) return answer;
  const said = answer.text.length > 200 ? `${answer.text.slice(0, 200)}…` : answer.text;
  throw new Broken(`${answer.method} ${answer.path} answered ${answer.status}, not ${allowed.join(" or ")}: ${said}`);
}

export function expectSame(actual: unknown, expected: unknown, what: string): void {
  if (isDeepStrictEqual(actual, expected)) return;
  const show = (value: unknown) => inspect(value, { depth: 4, breakLength: Number.POSITIVE_INFINITY });
  throw new Broken(`${what} is ${show(actual)}, not ${show(expected)}`);
}

/** Both lists have the same texts, in whatever order. */
export function expectSameSet(
  actual: readonly (string | null | undefined)[],
  expected: readonly (string | null | undefined)[],
  what: string,
): void {
  const inOrder = (texts: readonly (string | null | undefined)[]) => texts.map((text) => String(text)).toSorted();
  expectSame(inOrder(actual), inOrder(expected), what);
}

export function expectTrue(condition: boolean, sentence: string): void {
  if (!condition) throw new Broken(sentence);
}

// A vendor may add members, and shows photos, but not in an export.
const record = customObjectRecord.extend({ photo: z.unknown().optional() }).loose();

/** `custom_object_record` of a 2xx answer. */
export function recordOf(answer: Answer, status = 200): CustomObjectRecord {
  expectStatus(answer, status);
  return parsed(answer, record, answer.body?.["custom_object_record"]) as CustomObjectRecord;
}

/** `custom_object_records` of a page. */
export function recordsOf(answer: Answer): CustomObjectRecord[] {
  expectStatus(answer, 200);
  return parsed(answer, z.array(record), answer.body?.["custom_object_records"]) as CustomObjectRecord[];
}

const page = z.object({
  meta: z.object({ has_more: z.boolean(), after_cursor: z.string().nullable(), before_cursor: z.string().nullable() }),
  links: z.object({ next: z.string().nullable(), prev: z.string().nullable() }),
});

/** `meta` and `links` of a page. */
export function pageOf(answer: Answer): z.infer<typeof page> {
  expectStatus(answer, 200);
  return parsed(answer, page, answer.body);
}

const jobResult = z.object({
  index: z.number(),
  id: z.string().optional(),
  external_id: z.string().optional(),
  status: z.string(),
  errors: z.array(z.object({ code: z.string(), title: z.string(), detail: z.string().optional() })).optional(),
});
export type JobResult = z.infer<typeof jobResult>;

const jobStatus = z.object({
  id: z.string(),
  job_type: z.string(),
  url: z.string(),
  total: z.number(),
  progress: z.number().nullable(),
  status: z.string(),
  message: z.string().nullable(),
  results: z.array(jobResult).nullable(),
});
export type JobStatus = z.infer<typeof jobStatus>;

/** `job_status` of an answer; members that a vendor adds fall away. */
export function jobOf(answer: Answer, status = 200): JobStatus {
  expectStatus(answer, status);
  return parsed(answer, jobStatus, answer.body?.["job_status"]);
}

/** A 422 with a complaint under `key`; where a text is given, in these words. */
export function expectInvalid(answer: Answer, key: string, description?: string): void {
  expectStatus(answer, 422);
  expectSame(answer.body?.["error"], "RecordInvalid", "error");
  expectSame(answer.body?.["description"], "Record validation errors", "description");
  const details = answer.body?.["details"] as Record<string, { description: string }[]> | undefined;
  expectTrue(Array.isArray(details?.[key]), `details has no ${key}: ${answer.text}`);
  if (description !== undefined) expectSame(details?.[key]?.[0]?.description, description, `details.${key}[0]`);
}

export function expectNotFound(answer: Answer): void {
  expectStatus(answer, 404);
  expectSame(answer.body, { error: "RecordNotFound", description: "Not found" }, "the body");
}

/** The codes of the envelope with a list. */
export function errorCodes(answer: Answer): string[] {
  const errors = answer.body?.["errors"];
  return Array.isArray(errors) ? (errors as { code: string }[]).map(({ code }) => code) : [];
}

function parsed<T>(answer: Answer, schema: z.ZodType<T>, value: unknown): T {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  throw new Broken(`${answer.method} ${answer.path} is not as described: ${z.prettifyError(read.error)}`);
}
