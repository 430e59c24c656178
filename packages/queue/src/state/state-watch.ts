import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { runIntake } from "../intake/scripts.ts";
import { MAX_REGRESSES, SERVER_LOOK_EVERY_MS, TOKENS_KEPT_MS } from "../limits.ts";
import type { StateCheckResult } from "./state-check.ts";
import { regressOf, type Marks, type Regress } from "./marks.ts";

/** A place where marks outlive the process. */
export type MarksKeeper = {
  read(): Marks | null;
  keep(marks: Marks): void;
};

/** Remembers how far the state in Redis has come, and tells when the state has gone back. */
export type StateWatch = {
  /** Compares now; the watch also compares by itself, at every connect and once a second. */
  look(): Promise<StateCheckResult>;
  /**
   * Takes the report of another part that found the state behind. `asOf`: the state's name when that part learned its marks. Resolves
   * when all listeners have been told, now or before.
   */
  report(regress: Regress, asOf: string | null): Promise<void>;
  /**
   * Adds a listener, which is told once of each state that went back, with the state's name since then; also of a state that was
   * found before. Resolves when the listener has been told of that one.
   */
  onRegress(told: (state: string) => Promise<void>): Promise<void>;
  /** The state's name, as far as it is known. */
  readonly state: string | null;
  close(): Promise<void>;
};

export type StateWatchOptions = {
  readonly redis: Redis;
  readonly tag: string;
  /** Each lane's tag. */
  readonly lanes: ReadonlyMap<string, string>;
  /** The highest token of the lane that this process was given. */
  readonly ownToken: (lane: string) => number;
  /** Called with the highest token of a lane that was seen. */
  readonly onToken: (lane: string, token: number) => void;
  readonly keeper: MarksKeeper | null;
  /** Called in the one process that told of the state first. */
  readonly onTold: (regress: Regress) => void;
  readonly nowMs: () => number;
  readonly onError: (error: Error) => void;
};

export function watchState(options: StateWatchOptions): StateWatch {
  const { redis, tag, lanes, keeper, onError } = options;
  const listeners: ((state: string) => Promise<void>)[] = [];
  let known: Marks = keeper?.read() ?? { state: null, arrival: 0, tokens: {} };
  let turn: Promise<void> = Promise.resolve();
  /** The name of the state since it last went back, as far as this process saw. */
  let since: string | null = null;
  /** The name that this process gave to a new state. */
  let named: string | null = null;

  /** Comparisons run one after the other: each changes the known marks. */
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work);
    turn = mine.then(
      () => undefined,
      () => undefined,
    );
    return await mine;
  };

  /** The highest token of each lane that this process knows. */
  const tokensKnown = (): Marks["tokens"] =>
    Object.fromEntries(
      [...lanes.keys()].map((lane) => [lane, Math.max(known.tokens[lane] ?? 0, options.ownToken(lane))]),
    );

  /**
   * Tokens that were given before the lanes are asked, and so are not higher than what a lane says that did not go back: this process' own, and those that
   * any process told at the intake. A lane may be on another server than the intake, and all that knew its tokens may have died.
   */
  async function read(): Promise<{ readonly found: Marks; readonly before: Marks["tokens"] }> {
    const own = tokensKnown();
    const names = Object.keys(own);
    const fresh = known.state === null ? randomUUID() : "";
    const [id, arrival, ...kept] = (await runIntake(redis, "state", [
      tag,
      fresh,
      known.state ?? "",
      TOKENS_KEPT_MS,
      ...Object.entries(own).flat(),
    ])) as [string, string, ...string[]];
    const tokens = await Promise.all(
      names.map(async (name) => Number((await redis.hget(`${lanes.get(name)!}:gate`, "mark")) ?? 0)),
    );
    if (id === fresh && id !== "") named = id;
    const found = {
      state: id === "" ? null : id,
      arrival: Number(arrival),
      tokens: Object.fromEntries(names.map((name, at) => [name, tokens[at]!])),
    };
    return {
      found,
      before: Object.fromEntries(names.map((name, at) => [name, Math.max(own[name]!, Number(kept[at]))])),
    };
  }

  /** Names that the state had before the known one: where one of them is found, the state went back to before it was last told. */
  const past = new Set<string>();
  async function learnPast(state: string | null): Promise<void> {
    if (known.state !== null) past.add(known.state);
    for (const name of await redis.hkeys(`${tag}:regresses`)) past.add(name);
    const former = await redis.hget(`${tag}:state`, "former");
    if (former !== null && former !== "") past.add(former);
    past.delete(state ?? "");
  }

  async function adopt(found: Marks): Promise<void> {
    if (found.state !== known.state) await learnPast(found.state);
    known = found;
    for (const [lane, token] of Object.entries(found.tokens)) options.onToken(lane, token);
    keeper?.keep(found);
  }

  /** A process that has just started knows no name, and goes by what others told under the name that it finds. */
  const regressSince = (tokens: Marks["tokens"], found: Marks): Regress | null =>
    regressOf({ ...known, state: known.state ?? found.state, tokens }, found);

  async function compare(): Promise<StateCheckResult> {
    const { found, before } = await read();
    const regress = regressSince(before, found);
    if (regress !== null) return await tell(regress, found);
    await adopt(found);
    return found.state === named ? "named" : "same";
  }

  async function tell(regress: Regress, found: Marks): Promise<StateCheckResult> {
    const facts = { ...regress, at: new Date(options.nowMs()).toISOString(), seenAt: null };
    const [word, state] = (await runIntake(redis, "regress", [
      tag,
      known.state ?? found.state ?? "",
      found.state ?? "",
      randomUUID(),
      known.arrival,
      JSON.stringify(facts),
      MAX_REGRESSES,
      past.has(found.state ?? "") ? 1 : 0,
    ])) as [string, string];
    if (word === "again") return await compare();
    if (word === "told") options.onTold(regress);
    since = state;
    // The listeners are told before anything goes on with the state: they hold destinations and add webhooks again.
    const results = await Promise.allSettled(listeners.map(async (told) => await told(state)));
    for (const result of results) if (result.status === "rejected") onError(result.reason as Error);
    await adopt({ ...found, state, arrival: Math.max(found.arrival, known.arrival) });
    return "told";
  }

  const look = async (): Promise<StateCheckResult> => await inTurn(compare);
  const lookSoon = (): void => {
    if (redis.status === "ready") look().catch(onError);
  };
  redis.on("ready", lookSoon);
  const timer = setInterval(lookSoon, SERVER_LOOK_EVERY_MS);
  timer.unref();

  return {
    look,
    async report(regress, asOf) {
      await inTurn(async () => {
        // Under another name by now, the state was told of already.
        if (known.state !== asOf) return;
        const { found, before } = await read();
        // The marks tell more than the report, where they fell as well.
        await tell(regressSince(before, found) ?? regress, found);
      });
    },
    async onRegress(told) {
      listeners.push(told);
      if (since !== null) await told(since);
    },
    get state() {
      return known.state;
    },
    async close() {
      clearInterval(timer);
      redis.off("ready", lookSoon);
      // The last look lets the next start know how far the state came.
      if (redis.status === "ready") await look().catch(() => {});
    },
  };
}
