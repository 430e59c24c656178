import { randomUUID } from "node:crypto";
import type { EventFilter, History } from "@sluice/history";
import type { BackfillWait } from "@sluice/queue";
import { understandingDigests } from "@sluice/runtime";
import type { Replay } from "../contract/replay.ts";
import { LIMITS } from "../limits.ts";
import { timeOf, type LiveState } from "../live-state.ts";
import { keepReplays, type KeptReplay, type Wish } from "./kept-replays.ts";
import { planReplay } from "./plan-replay.ts";
import { runReplay } from "./run-replay.ts";
import { shownReplay, staleOf, stateOf } from "./shown-replay.ts";

/** The replays of the whole fleet: each is worked on by one console at a time, and by another one where that ends. */
export type ReplayDesk = {
  /** Begins to plan; the plan is in the replay once it is `planned`. */
  plan(asked: Pick<KeptReplay, "by" | "filter" | "unchanged">): Promise<Replay>;
  /** The newest first, without the samples of their plans. */
  all(): Promise<readonly Replay[]>;
  get(id: string): Promise<Replay | null>;
  wish(id: string, wish: Wish): Promise<void>;
  close(): void;
};

export type ReplayDeskOptions = LiveState & {
  readonly history: History;
  readonly requestsPerMinute: () => Promise<(destination: string) => number | null>;
};

export function openReplayDesk(options: ReplayDeskOptions): ReplayDesk {
  const { queue, configuration, clock, log, history } = options;
  const replays = keepReplays(queue.temporaryTexts);
  let isClosed = false;
  let isWorking = false;

  async function around(
    id: string,
  ): Promise<{ wish: Wish | null; digests: Readonly<Record<string, string>>; nowMs: number }> {
    return { wish: await replays.wishOf(id), digests: understandingDigests(configuration()), nowMs: clock.nowMs() };
  }

  async function shown(kept: KeptReplay): Promise<Replay> {
    return shownReplay(kept, { ...(await around(kept.id)), plan: await replays.plan(kept.id) });
  }

  /** Looks now and then whether a person wishes that the work ends. */
  function watchWish(id: string, goesOnFor: Wish["word"] | null): { readonly isOver: () => boolean; close(): void } {
    let isOver = false;
    const timer = setInterval(() => {
      replays
        .wishOf(id)
        .then((wish) => (isOver ||= (wish?.word ?? null) !== goesOnFor))
        .catch(() => {});
    }, LIMITS.replayToldEveryMs);
    timer.unref();
    return { isOver: () => isOver || isClosed, close: () => clearInterval(timer) };
  }

  /** Writes a replay down now and then while it goes on. */
  function teller(first: KeptReplay): {
    kept: KeptReplay;
    tell(next: Partial<KeptReplay>, now?: boolean): Promise<void>;
  } {
    let toldMs = -Infinity;
    const told = {
      kept: first,
      async tell(next: Partial<KeptReplay>, now = false) {
        told.kept = { ...told.kept, ...next, toldMs: clock.nowMs() };
        if (!now && performance.now() - toldMs < LIMITS.replayToldEveryMs) return;
        toldMs = performance.now();
        await replays.put(told.kept);
      },
    };
    return told;
  }

  async function planNow(kept: KeptReplay): Promise<void> {
    const { isOver, close } = watchWish(kept.id, null);
    const telling = teller(kept);
    try {
      const planned = await planReplay(history, options, {
        filter: filterOf(kept),
        unchanged: kept.unchanged,
        requestsPerMinute: await options.requestsPerMinute(),
        async onLooked(webhooks, atMs) {
          await telling.tell({ looked: { webhooks, at: timeOf(Math.floor(atMs)) } });
          return !isOver();
        },
        isOver,
      });
      if (planned === null) return;
      const digests = understandingDigests(configuration());
      await replays.putPlan(kept.id, planned.plan);
      await telling.tell(
        {
          state: "planned",
          expiresAtMs: Date.parse(planned.plan.expiresAt),
          digests: Object.fromEntries([...planned.sources].map((source) => [source, digests[source] ?? ""])),
          looked: { webhooks: planned.plan.webhooks, at: telling.kept.looked.at },
        },
        true,
      );
    } catch (error) {
      log.error({ err: error, replay: kept.id }, "a replay could not be planned");
      await telling.tell({ state: "failed", error: errorOf(error) }, true);
    } finally {
      close();
    }
  }

  /** Works on the oldest replay that is to run, and that no other console works on. */
  async function work(): Promise<void> {
    for (const kept of (await replays.all()).toReversed()) {
      const now = await around(kept.id);
      if (stateOf(kept, now) !== "running" || staleOf(kept, now) !== null) continue;
      if (!(await isMine(kept.id))) continue;
      const current = await replays.get(kept.id);
      if (current !== null && now.wish?.run != null) await runNow(current, now.wish.run);
      return;
    }
  }

  async function isMine(id: string): Promise<boolean> {
    return await queue.elect(`replay:${id}`, queue.session, LIMITS.replayTermMs);
  }

  async function runNow(kept: KeptReplay, run: number): Promise<void> {
    const { isOver, close } = watchWish(kept.id, "run");
    const telling = teller(kept);
    const plan = await replays.plan(kept.id);
    const beganMs = clock.nowMs();
    const before = kept.progress ?? { done: 0, of: plan?.replayed ?? 0, startedAt: timeOf(beganMs), endedAt: null };
    let done = before.done;
    const waits = createPatience();
    let heldUntilMs = performance.now() + LIMITS.replayTermMs / 2;
    const progressOf = (waitsFor: WaitsFor): KeptReplay["progress"] => {
      const perWebhook = (clock.nowMs() - beganMs) / Math.max(1, done - before.done);
      const secondsLeft = done === before.done ? null : Math.ceil((perWebhook * Math.max(0, before.of - done)) / 1000);
      return { ...before, done, secondsLeft, waitsFor };
    };
    try {
      const isDone = await runReplay(history, queue, {
        filter: filterOf(kept),
        unchanged: kept.unchanged,
        run,
        place: kept.place,
        configuration: configuration(),
        async onStep(handedOver, place, waitsFor) {
          done += handedOver;
          await telling.tell({
            progress: progressOf(waits(waitsFor)),
            ...(place === null ? {} : { place }),
            error: null,
          });
          if (performance.now() > heldUntilMs) {
            if (!(await isMine(kept.id))) return false;
            heldUntilMs = performance.now() + LIMITS.replayTermMs / 2;
          }
          return !isOver() && staleOf(kept, await around(kept.id)) === null;
        },
        isOver,
      });
      const endedAt = isDone ? timeOf(clock.nowMs()) : null;
      const progress = { ...progressOf(null)!, endedAt, ...(isDone ? { secondsLeft: 0 } : {}) };
      await telling.tell({ progress, ...(isDone ? { state: "done" } : {}) }, true);
    } catch (error) {
      log.error({ err: error, replay: kept.id }, "a replay was interrupted");
      // Redis or the history may be away for a while: it goes on by itself, and the error tells why it does not now.
      const isFinal = (error as { code?: unknown }).code === "history_overlaps";
      await telling.tell({ error: errorOf(error), ...(isFinal ? { state: "failed" } : {}) }, true);
    } finally {
      close();
    }
  }

  const timer = setInterval(() => {
    if (isWorking) return;
    isWorking = true;
    work()
      .catch((error: unknown) => log.warn({ err: error }, "replays could not be worked on"))
      .finally(() => (isWorking = false));
  }, LIMITS.replayLookEveryMs);
  timer.unref();

  return {
    async plan({ by, filter, unchanged }) {
      await replays.makeRoom();
      const nowMs = clock.nowMs();
      const kept: KeptReplay = {
        id: randomUUID(),
        by,
        createdAt: timeOf(nowMs),
        filter,
        unchanged,
        state: "planning",
        looked: { webhooks: 0, at: null },
        expiresAtMs: null,
        digests: {},
        place: null,
        progress: null,
        error: null,
        toldMs: nowMs,
      };
      await replays.put(kept);
      planNow(kept).catch((error: unknown) =>
        log.error({ err: error, replay: kept.id }, "a replay could not be told of"),
      );
      return await shown(kept);
    },
    async all() {
      const all = await Promise.all((await replays.all()).map(shown));
      return all.map((each) => ({ ...each, plan: each.plan === null ? null : { ...each.plan, samples: [] } }));
    },
    async get(id) {
      const kept = await replays.get(id);
      return kept === null ? null : await shown(kept);
    },
    wish: async (id, wish) => await replays.wish(id, wish),
    close() {
      isClosed = true;
      clearInterval(timer);
    },
  };
}

type WaitsFor = NonNullable<Replay["progress"]>["waitsFor"];

/** The reason why a replay waits, once that is worth telling: between two steps it always waits a little. */
function createPatience(): (waitsFor: BackfillWait | null) => WaitsFor {
  let sinceMs = performance.now();
  return (waitsFor) => {
    if (waitsFor === null) sinceMs = performance.now();
    if (waitsFor === null || performance.now() - sinceMs < LIMITS.replayPatienceMs) return null;
    return waitsFor === "letters" ? "dead_letters" : waitsFor;
  };
}

/** The filter of a replay: its times are absolute. */
function filterOf({ filter: { since, until, ...filter } }: KeptReplay): EventFilter & { readonly untilMs: number } {
  return { ...filter, sinceMs: since === undefined ? undefined : Date.parse(since), untilMs: Date.parse(until ?? "") };
}

function errorOf(error: unknown): NonNullable<Replay["error"]> {
  const { code, hint } = error as { code?: unknown; hint?: unknown };
  return {
    code: typeof code === "string" ? code : "internal",
    message: error instanceof Error ? error.message : String(error),
    hint: typeof hint === "string" ? hint : "",
  };
}
