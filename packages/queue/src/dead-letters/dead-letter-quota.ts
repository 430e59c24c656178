import type { Redis } from "ioredis";
import type { FiledInRedis } from "./filing/filed-in-redis.ts";
import type { Filing, FilingOptions } from "./filing/filing.ts";
import {
  DEAD_LETTERS_SHARE,
  DEAD_LETTERS_UNKNOWN_BUDGET_BYTES,
  DEAD_LETTERS_SOURCES,
  SERVER_LOOK_EVERY_MS,
  PRESSED_RETRY_AFTER_S,
} from "../limits.ts";

/** The source's dead letters leave no room for more, and each further event of it may become another letter. */
export class DeadLettersFullError extends Error {
  readonly code = "dead_letters_full";
  readonly hint: string;
  readonly retryAfterSeconds = PRESSED_RETRY_AFTER_S;

  constructor(source: string) {
    super(`The dead letters of "${source}" take all the room that they may`);
    this.name = "DeadLettersFullError";
    this.hint = `\`sluice dead list --source ${source}\` says why: mend it, then replay or discard them`;
  }
}

/** The part of its room that each source's dead letters take: 1 is all. */
export type DeadLetterShares = ReadonlyMap<string, number>;

/**
 * Dead letters may take a quarter of Redis' budget together, and those of one source a quarter of that, or less where more than four
 * sources have any: however many mappings are broken, there is room for what flows.
 */
export function deadLetterShares(bytes: ReadonlyMap<string, number>, budgetBytes: number | null): DeadLetterShares {
  const each = roomOfSource(bytes.size, budgetBytes);
  return new Map([...bytes].map(([source, held]) => [source, held / each] as const));
}

/** The bytes that the letters of one source may take. @param sources how many have letters */
export function roomOfSource(sources: number, budgetBytes: number | null): number {
  const all = (budgetBytes ?? DEAD_LETTERS_UNKNOWN_BUDGET_BYTES) * DEAD_LETTERS_SHARE;
  return all / Math.max(DEAD_LETTERS_SOURCES, sources);
}

/** A source takes part again only this far below, so that it does not come and go with every letter. */
const REOPEN_SHARE = 0.95;

export function fullSources(shares: DeadLetterShares, before: ReadonlySet<string>): ReadonlySet<string> {
  const isFull = ([source, share]: readonly [string, number]): boolean =>
    share >= (before.has(source) ? REOPEN_SHARE : 1);
  return new Set([...shares].filter(isFull).map(([source]) => source));
}

/** The room that dead letters take, looked at once a second. */
export type DeadLetterQuota = {
  readonly shares: DeadLetterShares;
  /** Whether the source has no room left. Nothing more of it is taken in or understood: each of its events may become another letter. */
  isFull(source: string): boolean;
  close(): void;
};

/** Dead letters of all lanes and of the intake. */
export type FleetDeadLetters = {
  /** The part of its room that each source's letters take, at most a second old. From 1 on nothing more of the source is taken in. */
  readonly shares: DeadLetterShares;
  /** Takes in letters that an earlier release kept. */
  repair(): Promise<void>;
  /** Letters leave for the history from now on, as far as they must to leave room. One process of the fleet does it at a time. */
  file(options: FilingOptions): Filing;
  /** Letters that stand in the history, as Redis knows of them. */
  readonly filed: FiledInRedis;
};

/** @param tagsNow those of the lanes and of the intake, which keep letters */
export async function watchDeadLetterQuota(
  redis: Redis,
  tagsNow: () => Promise<readonly string[]>,
  { budgetBytes, onError }: { readonly budgetBytes: () => number | null; readonly onError: (error: Error) => void },
): Promise<DeadLetterQuota> {
  let shares: DeadLetterShares = new Map();
  let full: ReadonlySet<string> = new Set();
  async function look(): Promise<void> {
    // No pipeline: the lanes of a cluster are on several servers.
    const answers = await Promise.all((await tagsNow()).map(async (tag) => await redis.hgetall(`${tag}:letter-bytes`)));
    const bytes = new Map<string, number>();
    for (const answer of answers) {
      for (const [source, held] of Object.entries(answer)) {
        bytes.set(source, (bytes.get(source) ?? 0) + Number(held));
      }
    }
    shares = deadLetterShares(bytes, budgetBytes());
    const before = full;
    full = fullSources(shares, before);
    for (const source of full) if (!before.has(source)) onError(new DeadLettersFullError(source));
  }
  // A Redis that does not answer now is asked again: its last answer stands.
  await look().catch(onError);
  let looking = false;
  const timer = setInterval(() => {
    if (looking || redis.status !== "ready") return;
    looking = true;
    look()
      .catch(onError)
      .finally(() => (looking = false));
  }, SERVER_LOOK_EVERY_MS);
  timer.unref();
  return {
    get shares() {
      return shares;
    },
    isFull: (source) => full.has(source),
    close: () => clearInterval(timer),
  };
}
