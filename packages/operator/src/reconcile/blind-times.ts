import type { LiveRecord, Regressed } from "@sluice/queue";
import { LIMITS } from "../limits.ts";

/** A time of which something is not known: from, until (ms). */
export type BlindTime = readonly [fromMs: number, untilMs: number];

/** `gaps`: times of which the history lacks something. `everywhere`: those of which Redis lacks it too. */
export type BlindTimes = { readonly gaps: readonly BlindTime[]; readonly everywhere: readonly BlindTime[] };

/**
 * The times in which a destination may have confirmed something that is forgotten everywhere: where the state in Redis went back over them, and
 * the history lacks something of them. A restored backup may have put the history back too.
 */
export function blindTimes(
  destination: string,
  regresses: readonly Pick<Regressed, "why" | "at" | "arrival" | "tokens">[],
  gaps: readonly BlindTime[],
): BlindTimes {
  const widenedGaps = gaps.map(widened);
  const everywhere = regresses.flatMap(({ why, at, arrival, tokens }): readonly BlindTime[] => {
    const found = [arrival?.found, tokens[destination]?.found].filter((micros) => micros !== undefined);
    const lost = widened([found.length === 0 ? 0 : Math.min(...found) / 1000, Date.parse(at)]);
    return why === "restored" ? [lost] : widenedGaps.flatMap((gap) => both(gap, lost));
  });
  return { gaps: widenedGaps, everywhere };
}

/**
 * Whether a difference may be a newer write of our own, which is forgotten: then nothing is repaired.
 * @param live null: Redis knows nothing of the record any more, and the history alone tells
 * @param changedAtMs when the record was last changed there; null: it is not there, or the destination does not say
 * @param lastEndedMs when our last known write of it ended
 */
export function isBlind(
  { gaps, everywhere }: BlindTimes,
  live: Pick<LiveRecord, "confirmed"> | null,
  changedAtMs: number | null,
  lastEndedMs: number,
): boolean {
  const isForgotten = live === null || live.confirmed.size === 0;
  return (isForgotten ? [...gaps, ...everywhere] : everywhere).some(([fromMs, untilMs]) => {
    if (untilMs < lastEndedMs) return false;
    return changedAtMs === null || (changedAtMs >= fromMs && changedAtMs <= untilMs);
  });
}

function both(a: BlindTime, b: BlindTime): readonly BlindTime[] {
  const [fromMs, untilMs] = [Math.max(a[0], b[0]), Math.min(a[1], b[1])];
  return fromMs < untilMs ? [[fromMs, untilMs]] : [];
}

function widened([fromMs, untilMs]: BlindTime): BlindTime {
  return [fromMs - LIMITS.blindMarginMs, untilMs + LIMITS.blindMarginMs];
}
