import { z } from "zod";
import { acting } from "@sluice/operator";
import { writeCursor, readCursor } from "../api/cursor.ts";
import { Fault } from "../api/fault.ts";
import { instantOf } from "../api/instant.ts";
import { route, type Call, type Route } from "../api/operation.ts";
import { OPERATIONS } from "../api/operations.ts";
import type { Replay } from "../contract/replay.ts";
import { LIMITS } from "../limits.ts";
import { actorOf, timeOf, type LiveState } from "../live-state.ts";
import type { Wish } from "./kept-replays.ts";
import type { ReplayDesk } from "./replay-desk.ts";

export type ReplayRoutesOptions = LiveState & {
  /** Null: no history is kept, and nothing of the past can be understood again. */
  readonly desk: ReplayDesk | null;
};

type Word = Wish["word"] | "resume";

/** The states in which a person may wish something. */
const ALLOWED: Readonly<Record<Word, readonly Replay["state"][]>> = {
  run: ["planned"],
  pause: ["running"],
  resume: ["paused"],
  abort: ["planning", "planned", "running", "paused"],
};

export function replayRoutes({ queue, clock, desk }: ReplayRoutesOptions): readonly Route[] {
  function open(): ReplayDesk {
    if (desk !== null) return desk;
    throw new Fault("history_off", "nothing is archived, so that nothing of the past can be understood again");
  }

  async function known(id: string): Promise<Replay> {
    const replay = await open().get(id);
    if (replay === null) throw new Fault("replay_unknown", `there is no replay ${id}`);
    return replay;
  }

  async function act(
    word: Word,
    { path: { id = "" }, body, caller }: Pick<Call<typeof OPERATIONS.runReplay>, "path" | "body" | "caller">,
  ): Promise<Replay> {
    const { state, stale, run, plan } = await known(id);
    if (!ALLOWED[word].includes(state)) throw new Fault("act_conflict", `the replay is ${state}`);
    if ((word === "run" || word === "resume") && stale !== null) throw new Fault("plan_stale", stale);
    const asked = { action: `replay.${word}`, target: id };
    await acting(queue, actorOf(caller, body.reason), asked, async () => {
      const number = word === "run" ? await queue.nextRun() : run;
      await open().wish(id, { word: word === "resume" ? "run" : word, run: number });
      return { word: "asked", details: { run: number, webhooks: plan?.replayed ?? null } };
    });
    return await known(id);
  }

  return [
    route(OPERATIONS.planReplay, async ({ body: { filter, unchanged }, caller }) => {
      const planning = (await open().all()).filter(({ state }) => state === "planning").length;
      if (planning >= LIMITS.replaysPlanned) {
        throw new Fault("act_conflict", `${planning} replays are being planned already`, {
          hint: "Wait for one, or abort it.",
        });
      }
      const nowMs = clock.nowMs();
      const sinceMs = instantOf("since", filter.since, nowMs);
      // Events that come in from now on are understood by the mapping as it is now anyway.
      const untilMs = Math.min(instantOf("until", filter.until, nowMs) ?? nowMs, nowMs);
      const times = { ...(sinceMs === undefined ? {} : { since: timeOf(sinceMs) }), until: timeOf(untilMs) };
      return await open().plan({ by: actorOf(caller).actor, filter: { ...filter, ...times }, unchanged });
    }),
    route(OPERATIONS.listReplays, async ({ query: { limit, cursor } }) => {
      const from = readCursor(cursor, z.number().int().min(0)) ?? 0;
      const all = await open().all();
      const next = from + limit < all.length ? writeCursor(from + limit) : null;
      return { items: all.slice(from, from + limit), next, searchedTo: null };
    }),
    route(OPERATIONS.getReplay, async ({ path: { id = "" } }) => await known(id)),
    route(OPERATIONS.runReplay, async (call) => await act("run", call)),
    route(OPERATIONS.pauseReplay, async (call) => await act("pause", call)),
    route(OPERATIONS.resumeReplay, async (call) => await act("resume", call)),
    route(OPERATIONS.abortReplay, async (call) => await act("abort", call)),
  ];
}
