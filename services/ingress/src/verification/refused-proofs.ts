import { VERIFY_REASONS } from "@sluice/event";
import type { Queue } from "@sluice/queue";
import { LIMITS } from "../limits.ts";
import type { DoorMetrics } from "../metrics.ts";

/** Reasons of a request whose proof does not hold: those that the alert SluiceSignaturesRefused takes. */
const PROOF: ReadonlySet<string> = new Set(VERIFY_REASONS);

/**
 * Tells the fleet now and then how many requests were not authentic: a number by source and reason, however many there are. A request costs an
 * addition, and the sum one write in some seconds. While Redis is away the counts of that time are left out; this process' own metrics have them.
 */
export function tellRefusedProofs(
  metrics: DoorMetrics,
  { intake }: Pick<Queue, "intake">,
  nowMs: () => number,
): { readonly metrics: DoorMetrics; close(): void } {
  let counts = new Map<string, number>();
  const timer = setInterval(() => {
    if (counts.size === 0) return;
    const told = counts;
    counts = new Map();
    intake.refused.add(told, nowMs()).catch(() => {});
  }, LIMITS.refusedToldEveryMs);
  timer.unref();
  return {
    metrics: {
      ...metrics,
      refused(source, reason) {
        metrics.refused(source, reason);
        if (!PROOF.has(reason)) return;
        const name = `${source} ${reason}`;
        counts.set(name, (counts.get(name) ?? 0) + 1);
      },
    },
    close: () => clearInterval(timer),
  };
}
