import type { Regressed } from "@sluice/queue";
import { LIMITS } from "../limits.ts";

/** A time of which neither Redis nor the history knows all that was written: from, until (ms). */
export type BlindTime = readonly [fromMs: number, untilMs: number];

/**
 * The times in which a destination may have confirmed something that is forgotten everywhere: where the state in Redis went back over them, and
 * the history lacks something of them. A restored backup may have put the history back too.
 */
export function blindTimes(
  destination: string,
  regresses: readonly Pick<Regressed, "why" | "at" | "arrival" | "tokens">[],
  gaps: readonly BlindTime[],
): readonly BlindTime[] {
  return regresses.flatMap(({ why, at, arrival, tokens }): readonly BlindTime[] => {
    const found = [arrival?.found, tokens[destination]?.found].filter((micros) => micros !== undefined);
    const lost = widened([Math.min(...found, Infinity) === Infinity ? 0 : Math.min(...found) / 1000, Date.parse(at)]);
    if (why === "restored") return [lost];
    return gaps.map(widened).flatMap((gap): BlindTime[] => {
      const both = [Math.max(gap[0], lost[0]), Math.min(gap[1], lost[1])] as const;
      return both[0] < both[1] ? [both] : [];
    });
  });
}

/**
 * Whether the difference may be a newer write of our own, which is forgotten: then nothing is repaired.
 * @param changedAtMs when the record was last changed there; null: nobody knows, or it is not there
 * @param lastEndedMs when our last known write of it ended
 */
export function isBlind(times: readonly BlindTime[], changedAtMs: number | null, lastEndedMs: number): boolean {
  return times.some(([fromMs, untilMs]) => {
    if (untilMs < lastEndedMs) return false;
    return changedAtMs === null || (changedAtMs >= fromMs && changedAtMs <= untilMs);
  });
}

function widened([fromMs, untilMs]: BlindTime): BlindTime {
  return [fromMs - LIMITS.blindMarginMs, untilMs + LIMITS.blindMarginMs];
}
