import { holdText } from "@sluice/operator";
import { backlogSeconds, breakerState, type LaneNumbers } from "@sluice/queue";
import type { Configuration } from "@sluice/runtime";
import type { DestinationNow } from "../contract/now.ts";
import { LIMITS } from "../limits.ts";
import { timeOf } from "../live-state.ts";
import { endedOf, perSecond, total, type FleetSnapshot } from "./fleet-watch.ts";

/** A destination, or the fetches of a source, as the newest look saw it, and its rates by the looks before. */
export function summarizeDestination(
  name: string,
  lane: LaneNumbers,
  lately: readonly FleetSnapshot[],
  { destinations, sources }: Configuration,
): DestinationNow {
  const nowMs = lately.at(-1)!.atMs;
  const configured = destinations.get(name);
  const requestsPerMinute =
    configured?.requestsPerMinute ??
    [...sources.values()].find(({ fetch }) => fetch?.name === name)?.fetch?.requestsPerMinute ??
    0;
  const { gate, quota, oldestPendingMs } = lane;
  const rate = (of: (numbers: LaneNumbers) => number): number =>
    rounded(
      perSecond(lately, LIMITS.rateOverMs, ({ lanes }) => {
        const seen = lanes.get(name);
        return seen === undefined ? 0 : of(seen);
      }),
    );
  return {
    name,
    kind: configured?.kind ?? "fetch",
    state: gate.hold === null ? (gate.allowed === null ? "flowing" : "recovering") : "held",
    hold: holdOf(gate.hold, nowMs),
    recoveryAllows: gate.hold === null ? gate.allowed : null,
    accepted: total(lane.accepted),
    outcomes: {
      applied: total(lane.outcomes.get("applied")),
      merged: total(lane.outcomes.get("merged")),
      superseded: total(lane.outcomes.get("superseded")),
      unchanged: total(lane.outcomes.get("unchanged")),
      dead: total(lane.outcomes.get("dead")),
      discarded: total(lane.outcomes.get("discarded")),
    },
    open: total(lane.open),
    pendingRecords: lane.pendingRecords,
    oldestPendingAt: timeOf(oldestPendingMs),
    oldestPendingSeconds: oldestPendingMs === null ? null : Math.max(0, (nowMs - oldestPendingMs) / 1000),
    deadLetters: lane.deadRecords,
    doubtfulRecords: lane.doubtfulRecords,
    breaker: { state: breakerState(gate), outages: lane.outages },
    quota: {
      requestsPerMinute: Math.max(1, Math.floor(Math.min(requestsPerMinute, quota.said ?? Infinity) * quota.share)),
      configured: requestsPerMinute,
      said: quota.said,
      share: quota.share,
    },
    forecastSeconds: forecast(name, lately),
    acceptedPerSecond: rate(({ accepted }) => total(accepted)),
    endedPerSecond: rate(endedOf),
  };
}

function holdOf(hold: LaneNumbers["gate"]["hold"], nowMs: number): DestinationNow["hold"] {
  if (hold === null) return null;
  const { reason, forMs, note } = hold;
  return {
    reason,
    says: holdText(reason),
    // The note of any other hold is a mark of credentials, which tells a person nothing.
    note: reason === "operator" && note !== "" ? note : null,
    probeAt: forMs === null ? null : timeOf(nowMs + forMs),
    seconds: forMs === null ? null : Math.max(0, forMs / 1000),
  };
}

function forecast(name: string, lately: readonly FleetSnapshot[]): number | null {
  const samples = lately.flatMap(({ atMs, lanes }) => {
    const seen = lanes.get(name);
    return seen === undefined ? [] : [{ atMs, ended: endedOf(seen), pending: total(seen.open) }];
  });
  const seconds = backlogSeconds(samples);
  return seconds === null || !Number.isFinite(seconds) || seconds < 0 ? null : rounded(seconds);
}

export function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
