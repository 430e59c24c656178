import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { runIntake } from "../intake/scripts.ts";
import { MAX_REGRESSES, RECOVERS_MS } from "../limits.ts";
import { missingMs, type Regress } from "./marks.ts";

/** A state that went back, as Redis remembers it until somebody has looked after it. */
export type Regressed = Omit<Regress, "why"> & {
  /** `restored`: a person restored the state from a backup. */
  readonly why: Regress["why"] | "restored";
  /** The name of the state since it went back. */
  readonly state: string;
  /** When it was noticed (ISO), by the clock of the process that noticed. */
  readonly at: string;
  /** Webhooks that doors had acknowledged and have added again. */
  readonly addedAgain: number;
  /** Webhooks that doors had acknowledged shortly before, and no longer held. */
  readonly notHeld: number;
  /** When a person said that it was looked after; null: nobody has said so. */
  readonly seenAt: string | null;
};

/** Whether the state in Redis is the one that this Sluice knew. */
export type QueueState = {
  /**
   * Calls `told` once for each state that went back, with its name since then. If one was found before, resolves when `told` was
   * called for it.
   */
  onRegress(told: (state: string) => Promise<void>): Promise<void>;
  /** The remembered states that went back, the latest last. */
  regresses(): Promise<readonly Regressed[]>;
  /** Marks all states that went back as looked after. @returns how many were not before */
  markSeen(nowMs: number): Promise<number>;
  /** Gives a state that was just restored from a backup another name and higher marks; it is told of like a state that went back. */
  restored(nowMs: number): Promise<void>;
};

/** @param watch null: this process does not look whether the state goes back */
export function createQueueState(redis: Redis, tag: string, watch: Pick<QueueState, "onRegress"> | null): QueueState {
  return {
    onRegress: async (listen) => await watch?.onRegress(listen),
    regresses: async () => await readRegresses(redis, tag),
    restored: async (nowMs) => await markRestored(redis, tag, nowMs),
    markSeen: async (nowMs) => await markSeen(redis, tag, new Date(nowMs).toISOString()),
  };
}

/** The remembered states that went back, the latest last. */
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

/** Whether the state went back so short a time ago that what is understood now may have been understood, and written, before. */
export async function wentBackLately(redis: Redis, tag: string, nowMs: number): Promise<boolean> {
  const last = (await readRegresses(redis, tag)).at(-1);
  return last !== undefined && nowMs - Date.parse(last.at) < RECOVERS_MS;
}

/** Marks all states that went back as looked after by a person. @returns how many were not before */
async function markSeen(redis: Redis, tag: string, seenAt: string): Promise<number> {
  const unseen = (await readRegresses(redis, tag)).filter((each) => each.seenAt === null);
  for (const { state, addedAgain: _, notHeld: __, ...facts } of unseen) {
    await redis.hset(`${tag}:regresses`, state, JSON.stringify({ ...facts, seenAt }));
  }
  return unseen.length;
}

/** A sentence for people: how the state went back, and which webhooks doors added again. */
function describeRegress(regress: Omit<Regressed, "state" | "at" | "seenAt">): string {
  const { why, addedAgain, notHeld } = regress;
  const missing = why === "restored" ? null : missingMs({ ...regress, why });
  const span = missing === null ? "" : `, by ${(missing / 1000).toFixed(1)} s at least`;
  const again = addedAgain === 0 ? "" : `; doors added ${addedAgain} webhooks again`;
  const missed = notHeld === 0 ? "" : `; ${notHeld} acknowledged webhooks could not be added again`;
  return `${HAPPENED[why]}${span}${again}${missed}`;
}

async function markRestored(redis: Redis, tag: string, nowMs: number): Promise<void> {
  const [found, arrival] = (await runIntake(redis, "state", [tag, ""])) as [string, string];
  const at = new Date(nowMs).toISOString();
  // Arrivals that were given since the backup lie before now.
  const highest = Math.max(Number(arrival), nowMs * 1000);
  const fall = { known: highest, found: Number(arrival) };
  const facts = JSON.stringify({ why: "restored", arrival: fall, tokens: {}, at, seenAt: null });
  await runIntake(redis, "regress", [tag, found, found, randomUUID(), highest, facts, MAX_REGRESSES, 0]);
}

/** A sentence about the states that went back and that nobody has looked after yet; null: there are none. */
export function describeUnseen(regresses: readonly Regressed[]): string | null {
  const unseen = regresses.filter(({ seenAt }) => seenAt === null);
  const last = unseen.at(-1);
  if (last === undefined) return null;
  const times = unseen.length === 1 ? "" : ` (${unseen.length} times; this is the last)`;
  return `at ${last.at} it was seen that ${describeRegress(last)}${times}. ${REGRESS_HINT}`;
}

/** The hint for people, wherever a state that went back is told. */
const REGRESS_HINT =
  "events that were acknowledged may be missing, and the destinations may hold newer values than Redis knows: compare them " +
  "with what they confirmed (`sluice replay --since TIME --unchanged --yes` from a little before, then `sluice reconcile " +
  "DESTINATION`, and with `--repair`), have the sources send again what is missing still, then say `sluice audit --seen`";

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
