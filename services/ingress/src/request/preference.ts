import { onlyHeader, type WebhookRequest } from "@sluice/event";
import { LIMITS } from "../limits.ts";

/** How long a caller would wait for the outcome of its events (RFC 7240, `Prefer: wait=2`); null: it did not ask. */
export function waitAsked(webhook: WebhookRequest): number | null {
  const [, seconds] =
    /(?:^|[,;\s])wait\s*=\s*"?(\d{1,4})"?\s*(?:$|[,;\s])/i.exec(onlyHeader(webhook, "prefer") ?? "") ?? [];
  if (seconds === undefined || Number(seconds) === 0) return null;
  return Math.min(Number(seconds) * 1000, LIMITS.waitMs);
}
