import type { Answer } from "@sluice/record";
import { newestFence, type Reply } from "@sluice/zendesk/client";
import { httpAnswer, saidOf } from "./http-answer.ts";

/** What Zendesk, or services/records, means by an answer to a write of one record (§5 and §9 of the wire contract). */
export function answerOf(reply: Reply, effect: "fields" | "delete"): Answer {
  const { status, errorCode, retryAfterSeconds } = reply;
  const said = saidOf(reply);
  if (errorCode === "TooManyJobs") {
    return { kind: "slow", ...said, forMs: retryAfterSeconds === undefined ? null : retryAfterSeconds * 1000 };
  }
  if (status === 409) return { kind: "again", ...said, newestToken: newestFence(reply.body) };
  if (status !== 404) return httpAnswer(reply);
  if (effect === "delete" && errorCode === "RecordNotFound") return { kind: "gone" };
  return { kind: "record", ...said };
}

/** The same for a job's creation: a job of several is refused because of one of them. */
export function answerOfJob(reply: Reply, items: number): Answer {
  const answer = answerOf(reply, "fields");
  const { status } = reply;
  const isForOneOfThem = answer.kind === "record" && [400, 413, 422].includes(status);
  return isForOneOfThem && items > 1 ? { kind: "split", code: answer.code, message: answer.message } : answer;
}

/** It knows no bulk jobs: an older store, or an account without them. */
export function hasNoJobs({ status, errorCode }: Reply): boolean {
  return status === 404 && errorCode === "InvalidEndpoint";
}
