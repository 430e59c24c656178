import type { Answer } from "@sluice/record";
import type { ZendeskClient } from "./client.ts";
import { httpAnswer } from "../http/answer.ts";
import { OBJECT_KNOWN_MS } from "../limits.ts";

/** Which objects there are. A 404 to a delete does not tell a record that is missing from an object that is (§16). */
export type ZendeskObjects = {
  /** A record of it was written. */
  seen(object: string): void;
  /** The meaning of a delete that found nothing: `gone`, or that there is no such object, or that this can't be told now. */
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
      // Who may not look at objects can't be told more than the 404 said.
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
