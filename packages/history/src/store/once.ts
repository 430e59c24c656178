import { compareDeliveries } from "../delivery.ts";
import { readUnderstood, type Understood } from "../written/understood.ts";

/**
 * A webhook that was understood again, after a crash or beside an unlucky reply of the database, stands in several lines. The first
 * line wins: the later ones say of its changes only that they had been merged.
 */
export function firstOf(a: Understood, b: Understood): Understood {
  const [sames, others] = [samesOf(a), samesOf(b)];
  if (sames !== others) return sames < others ? a : b;
  return b.understoodMs < a.understoodMs ? b : a;
}

function samesOf({ events }: Understood): number {
  return events.reduce((sum, { changes }) => sum + changes.filter(({ word }) => word === "same").length, 0);
}

/** Tells lines of one webhook from those of another: a document has the delivery of the event that asked for it. */
export function isSameWebhook(a: Understood, b: Understood): boolean {
  const isAlike = compareDeliveries(a.first, b.first) === 0 && (a.request === null) === (b.request === null);
  return isAlike && a.events[0]?.id === b.events[0]?.id;
}

/** The lines of one stream, each webhook or flight once. */
export function onceEach(stream: "understood" | "flown", lines: readonly string[]): readonly string[] {
  const distinct = [...new Set(lines)];
  if (stream === "flown") return distinct;
  const kept = new Map<string, { line: string; webhook: Understood }>();
  for (const line of distinct) {
    const webhook = readUnderstood(line);
    const { micros, session, run } = webhook.first;
    const name = `${micros}-${session}-${run}-${webhook.request === null ? (webhook.events[0]?.id ?? "") : ""}`;
    const before = kept.get(name);
    if (before === undefined || firstOf(before.webhook, webhook) === webhook) kept.set(name, { line, webhook });
  }
  return [...kept.values()].map(({ line }) => line);
}
