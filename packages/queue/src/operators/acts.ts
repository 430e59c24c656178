import type { Redis } from "ioredis";
import { run } from "../connection/connection.ts";
import { ACTS_PAGE, MAX_ACT_LENGTH, MAX_ACTS } from "../limits.ts";

/** A change of state that a person asked for. */
export type Act = {
  /** The person, as far as is known: a token's name, or a user of the machine. */
  readonly actor: string;
  readonly via: "token" | "page" | "command";
  /** `destination.hold`, `letters.replay` … */
  readonly action: string;
  /** The object of the act: `crm`, a letter's id, or which letters: `3 dead letters`. */
  readonly target: string;
  readonly reason: string | null;
  /** The result of the act in a word, or the code of its error. */
  readonly result: string;
  readonly details?: unknown;
};

/** An act with its place in the order of all: `id` begins with the time by Redis' clock (ms). */
export type NotedAct = Act & { readonly id: string; readonly atMs: number };

/** The last acts of people on this Sluice, by the command line, the operators' API or its page. */
export type Acts = {
  note(act: Act): Promise<void>;
  /** Acts before the id, or all of them when it is null; the newest first. */
  before(id: string | null): AsyncIterable<NotedAct>;
};

export function createActs(redis: Redis, tag: string): Acts {
  const key = `${tag}:acts`;
  return {
    async note(act) {
      const whole = JSON.stringify(act);
      const { details: _details, ...rest } = act;
      await run(redis, "sluice_note", tag, [MAX_ACTS, whole.length > MAX_ACT_LENGTH ? JSON.stringify(rest) : whole]);
    },
    async *before(id) {
      for (let last = id; ;) {
        const rows = await redis.xrevrange(key, last === null ? "+" : `(${last}`, "-", "COUNT", ACTS_PAGE);
        for (const [each, [, text]] of rows) {
          const act = JSON.parse(text!) as Act;
          yield { ...act, id: each, atMs: Number(each.split("-")[0]) };
        }
        if (rows.length < ACTS_PAGE) return;
        last = rows.at(-1)![0];
      }
    },
  };
}
