import type { Answer } from "@sluice/record";
import type { ZendeskClient } from "./client.ts";
import { httpAnswer } from "../http/answer.ts";
import { OBJECT_KNOWN_MS } from "../limits.ts";

/** Knows which objects there are. A 404 to a delete does not tell a missing record from a missing object (§16). */
export type ZendeskObjects = {
  /** Notes that a record of the object was written. */
  seen(object: string): void;
  /** The meaning of a delete that found nothing: the record is gone, or there is no such object, or neither can be told now. */
  answerOfMissing(object: string, signal: AbortSignal): Promise<Answer>;
};

export function zendeskObjects(client: ZendeskClient, nowMs: () => number): ZendeskObjects {
  const seenAt = new Map<string, number>();
  return {
    seen: (object) => void seenAt.set(object, nowMs()),
    async answerOfMissing(object, signal) {
      if (nowMs() - (seenAt.get(object) ?? -Infinity) < OBJECT_KNOWN_MS) return { kind: "gone" };
      const reply = await client.ask("GET", `custom_objects/${encodeURIComponent(object)}`, null, { signal });
      if (reply.status === 404) return missingObject(object);
      const answer = httpAnswer(reply);
      // Credentials that may not look at objects learn no more than the 404 said.
      if (answer.kind !== "done" && answer.kind !== "record" && answer.kind !== "credentials") return answer;
      seenAt.set(object, nowMs());
      return { kind: "gone" };
    },
  };
}

export function missingObject(object: string): Answer {
  const message = `the destination has no object ${object}: make it there, or let the mapping name another one`;
  return { kind: "stop", scope: "object", code: "object_missing", message };
}
