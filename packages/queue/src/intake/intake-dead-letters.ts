import type { Redis } from "ioredis";
import { INTAKE } from "../dead-letters/cause.ts";
import type { DeadLetter } from "../dead-letters/dead-letter.ts";
import { createDeadLetterStore, type DeadLetterStore } from "../dead-letters/dead-letter-store.ts";
import type { IntakeWebhook } from "./webhook.ts";

/** Why a webhook could not be understood. `webhook_poison`: three workers died at it. */
export type IntakeFault = {
  readonly code: "webhook_poison" | "webhook_slow" | "webhook_unreadable" | "job_unreadable" | "source_unknown";
  readonly message: string;
};

/** Dead letters of webhooks that could not be understood. */
export type IntakeDeadLetters = DeadLetterStore & {
  /** Has the webhook understood anew when no live one waits, as newer than it was and older than all that came after it. */
  replay(letter: DeadLetter): Promise<"replayed" | "gone" | "unreadable">;
  discard(id: string): Promise<"gone" | "discarded">;
};

export function createIntakeDeadLetters(
  redis: Redis,
  tag: string,
  nextRun: () => Promise<number>,
  addBackfill: (webhooks: readonly IntakeWebhook[]) => Promise<void>,
): IntakeDeadLetters {
  const kept = createDeadLetterStore(redis, tag, INTAKE);
  return {
    ...kept,
    async replay({ id, event }) {
      if (!isWebhook(event)) return "unreadable";
      if ((await kept.find(id)) === null) return "gone";
      const run = await nextRun();
      await addBackfill([{ ...event, run, wait: null }]);
      await kept.forget(id);
      return "replayed";
    },
    async discard(id) {
      return (await kept.forget(id)) ? "discarded" : "gone";
    },
  };
}

/** The letter of a webhook. It holds the whole webhook, so that nothing is lost. */
export function deadLetterOfWebhook(webhook: IntakeWebhook, { code, message }: IntakeFault, nowMs: number): DeadLetter {
  const { source, arrival, ids } = webhook;
  return {
    id: `w_${arrival.micros.toString(36)}_${arrival.session}${webhook.run === 0 ? "" : `_${webhook.run}`}`,
    at: new Date(nowMs).toISOString(),
    destination: INTAKE,
    object: source,
    key: null,
    reason: { code, message },
    events: ids.map((id) => ({ source, id })),
    event: webhook,
  };
}

/** The letter of an unreadable job: it holds the job's data as it stands in Redis. */
export function deadLetterOfJob(job: string, data: string, message: string, nowMs: number): DeadLetter {
  return {
    id: `j_${job.replaceAll(/[^a-z0-9]/gi, "_")}_${nowMs.toString(36)}`,
    at: new Date(nowMs).toISOString(),
    destination: INTAKE,
    object: "job",
    key: null,
    reason: { code: "job_unreadable", message },
    events: [],
    event: data,
  };
}

/** Whether the letter holds a webhook of the intake, or a job of it. */
export function isOfIntake({ destination }: DeadLetter): boolean {
  return destination === INTAKE;
}

function isWebhook(value: unknown): value is IntakeWebhook {
  return typeof value === "object" && value !== null && "kept" in value && "arrival" in value;
}
