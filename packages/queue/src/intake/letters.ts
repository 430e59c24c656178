import type { Redis } from "ioredis";
import { readDeadLetter, type DeadLetter } from "../dead-letter.ts";
import { DEAD_LETTER_PAGE } from "../limits.ts";
import type { IntakeWebhook } from "./webhook.ts";

/** What the letters of the intake call their destination: they belong to no lane. */
export const INTAKE = "intake";

/** Why a webhook could not be understood. `webhook_poison`: three workers died at it. */
export type IntakeFault = {
  readonly code: "webhook_poison" | "webhook_slow" | "webhook_unreadable" | "job_unreadable" | "source_unknown";
  readonly message: string;
};

/** Dead letters of webhooks that could not be understood. */
export type IntakeLetters = {
  all(): AsyncIterable<DeadLetter>;
  find(id: string): Promise<DeadLetter | null>;
  /** Understood anew when no live webhook waits, as newer than it was and older than all that came after it. */
  replay(letter: DeadLetter): Promise<"replayed" | "gone" | "unreadable">;
  discard(id: string): Promise<"gone" | "discarded">;
};

export function createIntakeLetters(
  redis: Redis,
  tag: string,
  nextRun: () => Promise<number>,
  addBackfill: (webhooks: readonly IntakeWebhook[]) => Promise<void>,
): IntakeLetters {
  const key = `${tag}:dead`;
  return {
    async *all() {
      const seen = new Set<string>();
      let cursor = "0";
      do {
        const [next, flat] = await redis.hscan(key, cursor, "COUNT", DEAD_LETTER_PAGE);
        cursor = next;
        for (let at = 0; at < flat.length; at += 2) {
          if (seen.has(flat[at]!)) continue;
          seen.add(flat[at]!);
          yield readDeadLetter(flat[at + 1]!);
        }
      } while (cursor !== "0");
    },
    async find(id) {
      const text = await redis.hget(key, id);
      return text === null ? null : readDeadLetter(text);
    },
    async replay({ id, event }) {
      if (!isWebhook(event)) return "unreadable";
      if ((await redis.hexists(key, id)) === 0) return "gone";
      const run = await nextRun();
      await addBackfill([{ ...event, run, wait: null }]);
      await redis.hdel(key, id);
      return "replayed";
    },
    async discard(id) {
      return (await redis.hdel(key, id)) === 0 ? "gone" : "discarded";
    },
  };
}

/** The whole webhook stands in it, so that nothing is lost. */
export function letterOf(webhook: IntakeWebhook, { code, message }: IntakeFault, nowMs: number): DeadLetter {
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

/** Of a job that nobody can read: its data as it stands in Redis. */
export function jobLetterOf(job: string, data: string, message: string, nowMs: number): DeadLetter {
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
