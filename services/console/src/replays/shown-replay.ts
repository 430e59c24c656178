import type { Replay, ReplayPlan } from "../contract/replay.ts";
import { LIMITS } from "../limits.ts";
import type { KeptReplay, Wish } from "./kept-replays.ts";

/** The facts beside a kept replay that decide how it stands. */
export type Around = {
  readonly wish: Wish | null;
  readonly plan: ReplayPlan | null;
  /** By source: the digests of the configuration as it is now. */
  readonly digests: Readonly<Record<string, string>>;
  readonly nowMs: number;
};

/** A replay as people see it. */
export function shownReplay(kept: KeptReplay, around: Around): Replay {
  const { id, by, createdAt, filter, unchanged, looked, progress, error } = kept;
  const { wish, plan } = around;
  const state = stateOf(kept, around);
  const isOpen = state === "planned" || state === "running" || state === "paused";
  return {
    id,
    state,
    by,
    createdAt,
    filter,
    unchanged,
    run: wish?.run ?? null,
    looked,
    plan,
    stale: isOpen ? staleOf(kept, around) : null,
    progress,
    error: state === "failed" && error === null ? LOST : error,
  };
}

/** A planning process that has said nothing for long has ended. */
const LOST = {
  code: "replay_lost",
  message: "the console that planned it has ended",
  hint: "Plan anew: nothing was done.",
} as const;

export function stateOf(
  { state, toldMs }: KeptReplay,
  { wish, nowMs }: Pick<Around, "wish" | "nowMs">,
): Replay["state"] {
  if (state === "done" || state === "failed") return state;
  if (wish?.word === "abort") return "aborted";
  if (state === "planning") return nowMs - toldMs > LIMITS.replaySilentMs ? "failed" : "planning";
  if (wish === null) return "planned";
  return wish.word === "run" ? "running" : "paused";
}

/** Why a replay can't be run, or go on; null: it can. */
export function staleOf(
  { digests: planned, expiresAtMs }: KeptReplay,
  { wish, digests, nowMs }: Pick<Around, "wish" | "digests" | "nowMs">,
): string | null {
  const changed = Object.keys(planned).find((source) => planned[source] !== digests[source]);
  if (changed !== undefined) return `the configuration of ${changed} is another one than was planned with`;
  const isOver = wish === null && expiresAtMs !== null && nowMs > expiresAtMs;
  return isOver ? "too much may have come in since it was planned" : null;
}
