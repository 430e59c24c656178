import { setTimeout as rest } from "node:timers/promises";
import { UnreadableBodyError } from "@sluice/event";
import type { Understood } from "@sluice/history";
import { compared, mapAgain } from "@sluice/operator";
import type { Configuration } from "@sluice/runtime";
import { LIMITS } from "../limits.ts";
import { createRepetitions, pastOf, type LeftOut, type Past } from "./past-webhook.ts";

/** A webhook of the past, with what the mapping as it is now makes of its events. */
export type ComparedWebhook = { readonly past: Past; readonly events: ReturnType<typeof compared> };

/** Compares one webhook after the other, the oldest first. Mapping is work for the process that answers people: it rests in between. */
export function compareWebhooks({
  sources,
  versionSkewMs,
}: Configuration): (webhook: Understood) => Promise<ComparedWebhook | LeftOut> {
  const isRepeated = createRepetitions();
  let restAtMs = performance.now() + LIMITS.replayWorkMs;
  return async (webhook) => {
    if (performance.now() > restAtMs) {
      await rest(LIMITS.replayRestMs);
      restAtMs = performance.now() + LIMITS.replayWorkMs;
    }
    const past = pastOf(webhook, sources);
    if (typeof past === "string") return past;
    if (isRepeated(webhook)) return "repeated";
    try {
      return { past, events: compared(webhook.events, await mapAgain(past, past.source, versionSkewMs)) };
    } catch (error) {
      if (error instanceof UnreadableBodyError) return "unreadable";
      throw error;
    }
  };
}
