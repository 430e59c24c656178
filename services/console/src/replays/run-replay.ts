import type { EventFilter, History, PagePosition } from "@sluice/history";
import { createHandingOver, isAgain } from "@sluice/operator";
import type { BackfillWait, IntakeWebhook, Queue } from "@sluice/queue";
import type { Configuration } from "@sluice/runtime";
import { LIMITS } from "../limits.ts";
import { compareWebhooks } from "./compare-webhook.ts";

export type Running = {
  readonly filter: EventFilter;
  readonly unchanged: "skip" | "send";
  /** The number that its changes carry. */
  readonly run: number;
  /** Goes on behind this delivery. */
  readonly place: PagePosition | null;
  readonly configuration: Configuration;
  /** Told of webhooks that were handed over, and of the last of them; and of waiting. @returns false: it is to end now */
  readonly onStep: (handedOver: number, place: PagePosition | null, waitsFor: BackfillWait | null) => Promise<boolean>;
  readonly isOver: () => boolean;
};

/**
 * Hands the chosen webhooks over to be understood again, and waits for the last of them. What is handed over twice, after a crash, is known
 * by its arrivals and its run. Returns whether it came to its end.
 */
export async function runReplay(
  history: History,
  { intake }: Pick<Queue, "intake">,
  running: Running,
): Promise<boolean> {
  const { filter, unchanged, run, configuration, onStep, isOver } = running;
  const compare = compareWebhooks(configuration);
  const { handOver, finish } = createHandingOver(intake.backfill, configuration);
  let batch: IntakeWebhook[] = [];
  let characters = 0;

  async function handBatchOver(): Promise<boolean> {
    let at = 0;
    const isGoingOn = await handOver(batch, async (handed, waitsFor) => {
      at += handed;
      return await onStep(handed, handed === 0 ? null : placeOf(batch[at - 1]!), waitsFor);
    });
    [batch, characters] = [[], 0];
    return isGoingOn;
  }

  for await (const { webhook } of history.webhooks(filter, running.place, isOver)) {
    if (isOver()) return false;
    const found = await compare(webhook);
    if (typeof found === "string" || !isAgain(found.events, unchanged)) continue;
    const { kept, arrival, ids, source, secretNumber } = found.past;
    batch.push({ source: source.name, rank: source.rank, arrival, kept, ids, secretNumber, run, wait: null });
    characters += kept.body.length;
    const isFull = batch.length >= LIMITS.replayBatchWebhooks || characters >= LIMITS.replayBatchCharacters;
    if (isFull && !(await handBatchOver())) return false;
  }
  if (isOver() || !(await handBatchOver())) return false;
  return await finish(async (handed, waitsFor) => await onStep(handed, null, waitsFor));
}

/** The delivery behind all others of this arrival. */
function placeOf({ arrival: { micros, session } }: IntakeWebhook): PagePosition {
  return [micros, session, Number.MAX_SAFE_INTEGER];
}
