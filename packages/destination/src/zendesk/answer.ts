import type { Answer } from "@sluice/record";
import { COMPLAINTS, RULINGS } from "@sluice/zendesk";
import { newestFence } from "./newest-fence.ts";
import type { Reply } from "../http/reply.ts";
import { httpAnswer, saidOf } from "../http/answer.ts";
import { missingObject } from "./objects.ts";

/**
 * The meaning of Zendesk's, or services/records', answer to a write of one record (§5 and §9 of the wire contract). A delete
 * that found nothing may as well lack its object.
 */
export function answerOf(reply: Reply, effect: "fields" | "delete", object: string): Answer {
  const { status, errorCode, retryAfterSeconds } = reply;
  const said = saidOf(reply);
  if (errorCode === "TooManyJobs") {
    return { kind: "slow", ...said, forMs: retryAfterSeconds === undefined ? null : retryAfterSeconds * 1000 };
  }
  if (isFull(reply.body)) return { kind: "stop", ...said, scope: "destination" };
  if (errorCode === RULINGS.staleStampCode) return { kind: "superseded", ...said };
  if (status === 409) return { kind: "again", ...said, newestToken: newestFence(reply.body) };
  if (status === 422) return { kind: "record", ...said, names: namesOf(reply.body) };
  if (status !== 404) return httpAnswer(reply);
  // An upsert makes a record that is not there, so only a delete can miss one.
  if (errorCode === "RecordNotFound") return effect === "delete" ? { kind: "gone" } : missingObject(object);
  // The address does not exist, which is so for every record.
  return { kind: "stop", ...said, scope: "destination" };
}

/** The fields that a 422 complains about: the keys of its details; under `base`, the beginning of a sentence, as in `tier: is invalid`. */
function namesOf(body: unknown): readonly string[] {
  const { details } = (body ?? {}) as { details?: unknown };
  if (typeof details !== "object" || details === null) return [];
  return Object.entries(details).flatMap(([key, complaints]: [string, unknown]) => {
    if (key !== "base") return [key];
    const all = Array.isArray(complaints) ? (complaints as ({ description?: unknown } | null)[]) : [];
    return all.flatMap((each) => /^([A-Za-z0-9_]+): /.exec(String(each?.description))?.[1] ?? []);
  });
}

/** Whether the account is full (row 30): no record at all can be made any more. */
function isFull(body: unknown): boolean {
  const { details } = (body ?? {}) as { details?: { base?: unknown } | null };
  const complaints = Array.isArray(details?.base) ? (details.base as ({ description?: unknown } | null)[]) : [];
  return complaints.some((complaint) => complaint?.description === COMPLAINTS.recordsFull().description);
}

/** The meaning of an answer to a job's creation: a job of several records is refused because of one of them. */
export function answerOfJob(reply: Reply, items: number, object: string): Answer {
  const answer = answerOf(reply, "fields", object);
  const { status } = reply;
  const isForOneOfThem = answer.kind === "record" && [400, 413, 422].includes(status);
  return isForOneOfThem && items > 1 ? { kind: "split", code: answer.code, message: answer.message } : answer;
}

/** Whether the destination knows no bulk jobs: an older store, or an account without them. */
export function hasNoJobs({ status, errorCode }: Reply): boolean {
  return status === 404 && errorCode === "InvalidEndpoint";
}
