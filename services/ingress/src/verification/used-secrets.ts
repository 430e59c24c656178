import type { Queue } from "@sluice/queue";
import { LIMITS } from "../limits.ts";
import type { DoorMetrics } from "../metrics.ts";

/**
 * Tells the fleet now and then with which secrets requests were made, so that one that nobody uses any more is seen: a request costs an entry
 * of a set, and all of them one write in some seconds. While Redis is away those of that time are left out, and no webhook is taken in either.
 */
export function tellUsedSecrets(
  metrics: DoorMetrics,
  { intake }: Pick<Queue, "intake">,
  nowMs: () => number,
): { readonly metrics: DoorMetrics; close(): void } {
  /** The places of the secrets, by source. */
  let used = new Map<string, Set<number>>();
  const timer = setInterval(() => {
    if (used.size === 0) return;
    const told = [...used].flatMap(([source, secrets]) => [...secrets].map((secret) => `${source} ${secret}`));
    used = new Map();
    intake.usedSecrets.note(told, nowMs()).catch(() => {});
  }, LIMITS.secretsToldEveryMs);
  timer.unref();
  return {
    metrics: {
      ...metrics,
      secretMatched(source, secret) {
        metrics.secretMatched(source, secret);
        const secrets = used.get(source) ?? new Set();
        used.set(source, secrets.add(secret));
      },
    },
    close: () => clearInterval(timer),
  };
}
