import { FILE_METHOD } from "@sluice/event";
import type { HistoryDatabase } from "./store/connection.ts";
import { compareDeliveries } from "./delivery.ts";
import { fits, judge, lookedFor, type EventFilter } from "./find-events.ts";
import type { PagePosition } from "./page.ts";
import { EVER, joinWebhook, linesWith, type IsOver } from "./read.ts";
import { rowsOf, type FoundEvent } from "./shown/event-row.ts";
import { isOutOfTime, type Placed } from "./store/newest-first.ts";
import { oldestFirst } from "./store/oldest-first.ts";
import { walk } from "./store/walk.ts";
import { readUnderstood, type Understood } from "./written/understood.ts";

/** A webhook as it first came in, and how many of its events a filter means. */
export type ChosenWebhook = { readonly webhook: Understood; readonly chosen: number };

type Candidate = Placed & { readonly webhook: Understood; readonly meant: readonly FoundEvent[] };

/**
 * The webhooks with events that the filter means, the oldest first, and the documents that were fetched for such events. A webhook that was
 * understood again stands there once, as it first came in. Ends early once `isOver`.
 * @param after goes on behind this delivery
 * @throws OverlapError
 */
export async function* chooseWebhooks(
  database: HistoryDatabase,
  filter: EventFilter,
  after: PagePosition | null,
  isOver: IsOver,
): AsyncGenerator<ChosenWebhook, void> {
  const fromMicros = Math.max((filter.sinceMs ?? 0) * 1000, after?.[0] ?? 0);
  const untilMicros = filter.untilMs === undefined ? EVER : filter.untilMs * 1000;
  const { names, texts } = lookedFor(filter);
  const opened = walk(database, { stream: "understood", names, fromMicros, untilMicros, order: "oldest" }, isOver);
  const isListed = ({ micros, webhook: { first } }: Candidate): boolean =>
    micros >= fromMicros &&
    micros <= untilMicros &&
    (after === null || compareDeliveries(first, { micros: after[0], session: after[1], run: after[2] }) > 0);
  const candidatesIn = function* (lines: readonly string[]): Generator<Candidate> {
    for (const each of candidatesOf(lines, texts, filter)) if (isListed(each)) yield each;
  };
  const isJudged = filter.outcome !== undefined || filter.code !== undefined;
  let some: Candidate[] = [];
  try {
    for await (const candidate of oldestFirst(opened, candidatesIn, joinCandidate)) {
      some.push(candidate);
      if (isJudged && some.length < JUDGED_AT_ONCE) continue;
      yield* await chosenOf(database, some, filter, isOver);
      some = [];
    }
    yield* await chosenOf(database, some, filter, isOver);
  } catch (error) {
    if (!isOutOfTime(error)) throw error;
  }
}

/** Webhooks whose flights are read together, where the filter asks how their events ended. */
const JUDGED_AT_ONCE = 50;

function* candidatesOf(lines: readonly string[], texts: readonly string[], filter: EventFilter): Generator<Candidate> {
  const text = filter.text?.toLowerCase();
  for (const line of linesWith(lines, texts)) {
    const webhook = readUnderstood(line);
    if (!isFirst(webhook)) continue;
    if (text !== undefined && webhook.request?.body.toLowerCase().includes(text) !== true) continue;
    const meant = rowsOf(webhook).filter((found) => fits(found, filter));
    if (meant.length > 0) yield { micros: webhook.first.micros, webhook, meant };
  }
}

/** A row of a file came in with the number of its backfill; anything else with a number repeats an earlier delivery. */
function isFirst({ first, request }: Understood): boolean {
  return first.run === 0 || request?.method === FILE_METHOD;
}

function joinCandidate(waiting: Candidate[], item: Candidate): boolean {
  const at = waiting.findIndex(({ micros, webhook }) => micros === item.micros && isJoined(webhook, item.webhook));
  if (at < 0) return false;
  const known = [waiting[at]!.webhook];
  joinWebhook(known, item.webhook);
  if (known[0] === item.webhook) waiting[at] = item;
  return true;
}

function isJoined(a: Understood, b: Understood): boolean {
  return joinWebhook([a], b);
}

async function chosenOf(
  database: HistoryDatabase,
  some: readonly Candidate[],
  filter: EventFilter,
  isOver: IsOver,
): Promise<readonly ChosenWebhook[]> {
  if (filter.outcome === undefined && filter.code === undefined) {
    return some.map(({ webhook, meant }) => ({ webhook, chosen: meant.length }));
  }
  const chosen: ChosenWebhook[] = [];
  const all = some.flatMap(({ meant }) => meant);
  const judged = new Set((await judge(database, all, filter, isOver)).map(({ found }) => found));
  for (const { webhook, meant } of some) {
    const left = meant.filter((found) => judged.has(found)).length;
    if (left > 0) chosen.push({ webhook, chosen: left });
  }
  return chosen;
}
