import type { PagePosition } from "@sluice/history";
import type { TemporaryTexts } from "@sluice/queue";
import type { Replay, ReplayPlan } from "../contract/replay.ts";
import { LIMITS } from "../limits.ts";

/** The wish of a person about a replay, which the process that works on it carries out. The last one counts. */
export type Wish = { readonly word: "run" | "pause" | "abort"; readonly run: number | null };

/** A replay as it stands in Redis, for the whole fleet. Whether it runs or rests is a wish of people. */
export type KeptReplay = Pick<
  Replay,
  "id" | "by" | "createdAt" | "filter" | "unchanged" | "looked" | "progress" | "error"
> & {
  readonly state: "planning" | "planned" | "done" | "failed";
  readonly expiresAtMs: number | null;
  /** By source: the digest of what its events mean, as planned. */
  readonly digests: Readonly<Record<string, string>>;
  /** The delivery that was handed over last: it goes on behind it. */
  readonly place: PagePosition | null;
  /** When its process last told of it (ms). */
  readonly toldMs: number;
};

export type KeptReplays = {
  put(replay: KeptReplay): Promise<void>;
  get(id: string): Promise<KeptReplay | null>;
  /** The newest first. */
  all(): Promise<readonly KeptReplay[]>;
  putPlan(id: string, plan: ReplayPlan): Promise<void>;
  plan(id: string): Promise<ReplayPlan | null>;
  wish(id: string, wish: Wish): Promise<void>;
  wishOf(id: string): Promise<Wish | null>;
  /** Forgets the oldest that nobody works on, so that there is room for another one. */
  makeRoom(): Promise<void>;
};

export function keepReplays(temporaryTexts: TemporaryTexts): KeptReplays {
  const mapOf = (name: string) => temporaryTexts.map(name, LIMITS.replayKeptMs);
  const [replays, plans, wishes] = [mapOf("replays"), mapOf("replay-plans"), mapOf("replay-wishes")];

  async function all(): Promise<readonly KeptReplay[]> {
    const kept = [...(await replays.all()).values()].map((text) => JSON.parse(text) as KeptReplay);
    return kept.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  }

  return {
    all,
    put: async (replay) => await replays.put(replay.id, JSON.stringify(replay)),
    get: async (id) => parsed(await replays.get(id)) as KeptReplay | null,
    putPlan: async (id, plan) => await plans.put(id, JSON.stringify(plan)),
    plan: async (id) => parsed(await plans.get(id)) as ReplayPlan | null,
    wish: async (id, wish) => await wishes.put(id, JSON.stringify(wish)),
    wishOf: async (id) => parsed(await wishes.get(id)) as Wish | null,
    async makeRoom() {
      const old = (await all()).slice(LIMITS.replays - 1).map(({ id }) => id);
      for (const each of [replays, plans, wishes]) await each.drop(old);
    },
  };
}

function parsed(text: string | null): unknown {
  return text === null ? null : JSON.parse(text);
}
