import { setTimeout as rest } from "node:timers/promises";
import type { EventFilter, History, Place, Understood } from "@sluice/history";
import { isAgain } from "@sluice/operator";
import type { BackfillRoom, IntakeWebhook, Queue } from "@sluice/queue";
import { understandingDigests, type Configuration } from "@sluice/runtime";
import type { Replay } from "../contract/replay.ts";
import { LIMITS } from "../limits.ts";
import { compareWebhooks } from "./compare-webhook.ts";

export type WaitsFor = NonNullable<Replay["progress"]>["waitsFor"];

export type Running = {
  readonly filter: EventFilter;
  readonly unchanged: "skip" | "send";
  /** The number that its changes carry. */
  readonly run: number;
  /** Goes on behind this delivery. */
  readonly place: Place | null;
  readonly configuration: Configuration;
  /** Told of webhooks that were handed over, and of the last of them; and of waiting. @returns false: it is to end now */
  readonly onStep: (handedOver: number, place: Place | null, waitsFor: WaitsFor) => Promise<boolean>;
  readonly isOver: () => boolean;
};

/**
 * Hands the chosen webhooks over to be understood again, no faster than they are understood, and waits for the last of them. A batch that is
 * handed over twice, after a crash, is known by its arrivals and its run. Returns whether it came to its end.
 */
export async function runReplay(history: History, { intake }: Pick<Queue, "intake">, running: Running): Promise<boolean> {
  const { filter, unchanged, run, configuration, onStep, isOver } = running;
  const compare = compareWebhooks(configuration);
  const digests = understandingDigests(configuration);
  let batch: IntakeWebhook[] = [];
  let characters = 0;
  let last: Place | null = null;

  async function handOver(): Promise<boolean> {
    const sources = new Set(batch.map(({ source }) => source));
    if (!(await waitUntil(async () => await intake.backfill.room(sources)))) return false;
    await intake.backfill.add(batch, digests);
    const handed = batch.length;
    [batch, characters] = [[], 0];
    return await onStep(handed, last, null);
  }

  /** Waits for room. @returns false: it is to end now */
  async function waitUntil(look: () => Promise<BackfillRoom>): Promise<boolean> {
    const since = performance.now();
    for (;;) {
      const room = await look();
      if (room === "room") return true;
      const isLong = performance.now() - since > LIMITS.replayPatienceMs;
      const waitsFor = room === "redis" ? "redis" : room === "letters" ? "dead_letters" : isLong ? "live" : null;
      if (!(await onStep(0, null, waitsFor))) return false;
      await rest(LIMITS.replayLookAgainMs);
    }
  }

  for await (const { webhook } of history.webhooks(filter, running.place, isOver)) {
    if (isOver()) return false;
    last = placeOf(webhook);
    const found = await compare(webhook);
    if (typeof found === "string" || !isAgain(found.events, unchanged)) continue;
    const { past } = found;
    batch.push({
      source: past.source.name,
      rank: past.source.rank,
      arrival: past.arrival,
      kept: past.kept,
      ids: past.ids,
      secretNumber: past.secretNumber,
      run,
      wait: null,
    });
    characters += past.kept.body.length;
    const isFull = batch.length >= LIMITS.replayBatchWebhooks || characters >= LIMITS.replayBatchCharacters;
    if (isFull && !(await handOver())) return false;
  }
  if (isOver() || (batch.length > 0 && !(await handOver()))) return false;
  return await waitUntil(async () => ((await intake.backfill.waiting()) === 0 ? "room" : "queue"));
}

function placeOf({ first: { micros, session, run } }: Understood): Place {
  return [micros, session, run];
}
