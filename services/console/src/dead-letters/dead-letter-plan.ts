import { randomUUID } from "node:crypto";
import type { Json } from "@sluice/event";
import {
  explainWord,
  findDeadLetter,
  foreseeReplay,
  discardDeadLetter,
  hasEdit,
  wholeDeadLetter,
  editedEvent,
  replayDeadLetter,
  type Fleet,
  type DeadLetterForecast,
  type DeadLetterResult,
  type DeadLetterEdit,
} from "@sluice/operator";
import { isOfEvent, type DeadLetter, type TemporaryTexts } from "@sluice/queue";
import { NAME_FIELD } from "@sluice/record";
import type { Clock } from "@sluice/runtime";
import { Fault } from "../api/fault.ts";
import type { DeadLetterEditJson as WrittenEdit, DeadLetterPlan } from "../contract/dead-letter.ts";
import { LIMITS } from "../limits.ts";
import { timeOf } from "../live-state.ts";
import type { TaskProgress } from "../tasks/fleet-tasks.ts";
import type { PlannedLetter } from "./dead-letter-catalog.ts";
import { indexed, rowOf, type IndexedDeadLetter } from "./dead-letter-row.ts";

/** A plan to be carried out: the letters as they were when it was made. */
export type KeptPlan = {
  readonly act: "replay" | "discard";
  readonly letters: readonly { readonly id: string; readonly at: string }[];
  readonly edit: WrittenEdit;
};

type Act = KeptPlan["act"];
type Would = DeadLetterForecast["would"] | "discard";

export function editFromJson({ set, unset }: WrittenEdit): DeadLetterEdit {
  return { set: new Map(Object.entries(set) as [string, Json][]), unset };
}

/** Plans an act on the chosen letters: tells what it would do, and keeps the plan for a while, to be carried out. */
export async function planDeadLetters(
  fleet: Fleet,
  {
    act,
    chosen,
    more,
    unreached,
    edit,
  }: {
    readonly act: Act;
    readonly chosen: readonly PlannedLetter[];
    readonly more: number;
    readonly unreached: number;
    readonly edit: DeadLetterEdit;
  },
  {
    temporaryTexts,
    clock,
    requestsPerMinute,
  }: {
    readonly temporaryTexts: TemporaryTexts;
    readonly clock: Clock;
    readonly requestsPerMinute: (destination: string) => number | null;
  },
): Promise<DeadLetterPlan> {
  const would: Partial<Record<Would, number>> = {};
  const items: DeadLetterPlan["items"] = [];
  const requests = new Map<string, number>();
  for (const [at, row] of chosen.entries()) {
    // Foreseeing maps the letter: for letters beyond the shown ones the kind says enough.
    const seen = at < LIMITS.plannedItems ? await foresee(fleet, row, act, edit) : { ...guessed(row, act), row: null };
    would[seen.would] = (would[seen.would] ?? 0) + 1;
    if (seen.would !== "leave" && seen.would !== "discard") {
      requests.set(row.destination, (requests.get(row.destination) ?? 0) + 1);
    }
    const { row: shown, ...item } = seen;
    if (shown !== null) items.push({ letter: rowOf(shown), ...item });
  }
  const plan = randomUUID();
  const kept: KeptPlan = {
    act,
    letters: chosen.map(({ id, at }) => ({ id, at })),
    edit: { set: Object.fromEntries(edit.set), unset: [...edit.unset] },
  };
  await temporaryTexts.keep(`plan:${plan}`, JSON.stringify(kept), LIMITS.planKeptMs);
  const seconds = [...requests].map(([destination, count]) => {
    const perMinute = requestsPerMinute(destination);
    return perMinute === null ? null : Math.ceil((count / perMinute) * 60);
  });
  return {
    plan,
    act,
    expiresAt: timeOf(clock.nowMs() + LIMITS.planKeptMs),
    letters: chosen.length,
    more,
    unreached,
    would: would as DeadLetterPlan["would"],
    requests: [...requests.values()].reduce((sum, count) => sum + count, 0),
    seconds: seconds.includes(null) ? null : Math.max(0, ...seconds.map((each) => each ?? 0)),
    items,
  };
}

type Item = Omit<DeadLetterPlan["items"][number], "letter">;

function guessed({ kind }: PlannedLetter, act: Act): Item {
  if (act === "discard") return { would: "discard", why: null, fields: [] };
  const would = { record: "send_again", event: "map_again", webhook: "understand_again", job: "leave" } as const;
  return { would: would[kind], why: kind === "job" ? explainWord("unreadable") : null, fields: [] };
}

type Foreseen = Item & { readonly row: IndexedDeadLetter | null };

async function foresee(fleet: Fleet, { id, row }: PlannedLetter, act: Act, edit: DeadLetterEdit): Promise<Foreseen> {
  const found = await findDeadLetter(fleet, id);
  if (found === null) return { would: "leave", why: explainWord("gone"), fields: [], row };
  const shown = row ?? indexed(found);
  if (act === "discard") return { would: "discard", why: null, fields: [], row: shown };
  const letter = hasEdit(edit) ? await wholeDeadLetter(fleet, found) : found;
  const seen = await foreseeReplay(fleet, letter, edit);
  return { ...seen, fields: seen.would === "leave" ? [] : differences(letter, edit), row: shown };
}

/** The edit's changes, field by field or member by member. */
function differences(letter: DeadLetter, { set, unset }: DeadLetterEdit): Item["fields"] {
  const paths = [...set.keys(), ...unset];
  const { fields = {} } = (letter.change ?? {}) as { fields?: Record<string, unknown> };
  const event = letter.event as object | undefined;
  const edited = isOfEvent(letter) && event !== undefined ? editedEvent(event as never, { set, unset }) : undefined;
  return paths.map((path) => ({
    field: path,
    before: (isOfEvent(letter) ? memberOf(event, path) : fields[path === "name" ? NAME_FIELD : path]) ?? null,
    after: (edited === undefined ? set.get(path) : memberOf(edited, path)) ?? null,
  }));
}

function memberOf(root: unknown, path: string): unknown {
  let at = root;
  for (const name of path.split(".")) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Record<string, unknown>)[name];
  }
  return at;
}

/** @throws Fault `plan_stale` */
export async function takePlan(temporaryTexts: TemporaryTexts, plan: string): Promise<KeptPlan> {
  const text = /^[0-9a-f-]{36}$/.test(plan) ? await temporaryTexts.take(`plan:${plan}`) : null;
  if (text === null) throw new Fault("plan_stale", "there is no such plan any more");
  return JSON.parse(text) as KeptPlan;
}

/** Carries a plan out, letter by letter, until it is told to end. */
export async function carryOut(
  fleet: () => Fleet,
  { act, letters, edit }: KeptPlan,
  progress: TaskProgress,
  onDone: (letter: DeadLetter) => void,
): Promise<void> {
  const asked = editFromJson(edit);
  for (const { id, at } of letters) {
    const { word, done, letter } = await one(fleet(), { id, at }, act, asked);
    if (done && letter !== null) onDone(letter);
    const problem = done ? undefined : { id, code: /^[a-z_]+$/.test(word) ? word : "left", why: explainWord(word) };
    if (!(await progress.step(done ? word : (problem?.code ?? "left"), problem))) return;
  }
}

async function one(
  fleet: Fleet,
  { id, at }: { readonly id: string; readonly at: string },
  act: Act,
  edit: DeadLetterEdit,
): Promise<Pick<DeadLetterResult, "word" | "done"> & { readonly letter: DeadLetter | null }> {
  const letter = await findDeadLetter(fleet, id);
  if (letter === null) return { letter, word: "gone", done: false };
  if (indexed(letter).at !== at) return { letter, word: "changed", done: false };
  return await (act === "discard" ? discardDeadLetter(fleet, letter) : replayDeadLetter(fleet, letter, edit));
}
