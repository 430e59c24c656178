import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { runIntake } from "../intake/scripts.ts";
import { MAX_REGRESSES } from "../limits.ts";
import { missingMs, type Regress } from "./marks.ts";

/** A state that went back, as Redis remembers it until somebody has looked after it. */
export type Regressed = Omit<Regress, "why"> & {
  /** `restored`: by a person, from a backup. */
  readonly why: Regress["why"] | "restored";
  /** The state's name since then. */
  readonly state: string;
  /** When it was noticed (ISO), by the clock of who noticed. */
  readonly at: string;
  /** Webhooks that doors had acknowledged and have added again. */
  readonly addedAgain: number;
  /** Webhooks that doors had acknowledged shortly before, and no longer held. */
  readonly notHeld: number;
  /** When a person said that it was looked after; null: nobody has. */
  readonly seenAt: string | null;
};

/** Whether the state in Redis is the one that this Sluice knew. */
export type QueueState = {
  /**
   * Calls `told` once for each state that went back, with its name since then. Resolves when it was told of one that was found
   * before, if there was.
   */
  onRegress(told: (state: string) => Promise<void>): Promise<void>;
  /** All states that went back, the latest last, until others came. */
  regresses(): Promise<readonly Regressed[]>;
  /** Somebody has looked after all of them. @returns how many nobody had looked after before */
  markSeen(nowMs: number): Promise<number>;
  /** The state was just restored from a backup: it gets another name and higher marks, and is told of like one that went back. */
  restored(nowMs: number): Promise<void>;
};

/** All that are remembered, the latest last. */
export async function readRegresses(redis: Redis, tag: string): Promise<readonly Regressed[]> {
  const [told, again] = await Promise.all([redis.hgetall(`${tag}:regresses`), redis.hgetall(`${tag}:again`)]);
  return Object.entries(told)
    .map(([state, text]): Regressed => {
      const rest = JSON.parse(text) as Omit<Regressed, "state" | "addedAgain" | "notHeld">;
      const count = (what: string): number => Number(again[`${what}:${state}`] ?? 0);
      return { ...rest, state, addedAgain: count("added"), notHeld: count("missed") };
    })
    .toSorted((a, b) => (a.at < b.at ? -1 : 1));
}

/** A person has looked after all of them. @returns how many nobody had looked after before */
export async function markSeen(redis: Redis, tag: string, seenAt: string): Promise<number> {
  const unseen = (await readRegresses(redis, tag)).filter((each) => each.seenAt === null);
  for (const { state, addedAgain: _, notHeld: __, ...facts } of unseen) {
    await redis.hset(`${tag}:regresses`, state, JSON.stringify({ ...facts, seenAt }));
  }
  return unseen.length;
}

/** What happened, and what of it is made good, in a sentence for people. */
function describeRegress(regress: Omit<Regressed, "state" | "at" | "seenAt">): string {
  const { why, addedAgain, notHeld } = regress;
  const missing = why === "restored" ? null : missingMs({ ...regress, why });
  const span = missing === null ? "" : `, by ${(missing / 1000).toFixed(1)} s at least`;
  const again = addedAgain === 0 ? "" : `; doors added ${addedAgain} webhooks again`;
  const missed = notHeld === 0 ? "" : `; ${notHeld} acknowledged webhooks could not be added again`;
  return `${HAPPENED[why]}${span}${again}${missed}`;
}

export async function markRestored(redis: Redis, tag: string, nowMs: number): Promise<void> {
  const [found, arrival] = (await runIntake(redis, "state", [tag, ""])) as [string, string];
  const at = new Date(nowMs).toISOString();
  const facts = JSON.stringify({ why: "restored", arrival: null, tokens: {}, at, seenAt: null });
  // What was given since the backup was given before now.
  const highest = Math.max(Number(arrival), nowMs * 1000);
  await runIntake(redis, "regress", [tag, found, found, randomUUID(), highest, facts, MAX_REGRESSES]);
}

/** Those that nobody has looked after yet, in a sentence; null: there are none. */
export function describeUnseen(regresses: readonly Regressed[]): string | null {
  const unseen = regresses.filter(({ seenAt }) => seenAt === null);
  const last = unseen.at(-1);
  if (last === undefined) return null;
  const times = unseen.length === 1 ? "" : ` (${unseen.length} times; this is the last)`;
  return `at ${last.at} it was seen that ${describeRegress(last)}${times}. ${REGRESS_HINT}`;
}

/** Said wherever a state that went back is told. */
const REGRESS_HINT =
  "events that were acknowledged may be missing, and the destinations may hold newer values than Redis knows: compare them " +
  "with what the sources have, have the sources send again what differs, then say `sluice audit --seen`";

const HAPPENED = {
  older:
    "the state in Redis went back to an earlier one (a replica that lagged was promoted, its file was cut, or a copy was put back)",
  gone: "the state in Redis is gone: it is empty",
  other: "another state stands in Redis than the one that was known",
  restored: "the state was restored from a backup",
} as const satisfies Record<Regressed["why"], string>;

/** The state in Redis went back: told once, with what there is to do. */
export class StateRegressError extends Error {
  readonly code = "state_went_back";
  readonly hint = REGRESS_HINT;
  readonly regress: Regress;

  constructor(regress: Regress) {
    super(describeRegress({ ...regress, addedAgain: 0, notHeld: 0 }));
    this.name = "StateRegressError";
    this.regress = regress;
  }
}
