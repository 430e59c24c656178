import type { Acts, NotedAct } from "@sluice/queue";
import { expect, test } from "vitest";
import { actsOn, actText } from "./acts-on.ts";

const act = (atMs: number, action: string, target: string, more: Partial<NotedAct> = {}): NotedAct => ({
  id: `${atMs}-0`,
  atMs,
  actor: "ada",
  via: "page",
  action,
  target,
  reason: null,
  result: "done",
  ...more,
});
const of = (all: readonly NotedAct[]): Acts => ({
  note: async () => {},
  async *before(id) {
    const until = id === null ? Infinity : Number(id.split("-")[0]);
    yield* all.toSorted((a, b) => b.atMs - a.atMs).filter(({ atMs }) => atMs < until);
  },
});
const RECORD = { destination: "crm", object: "customer", key: "1" };
const EVENT = { source: "erp", id: "e-1" };
const things = { destinations: ["crm"], records: [RECORD], events: [EVENT] };
const named = (letters: object) => ({ details: { letters: { records: [], events: [], more: 0, ...letters } } });

test.each([
  ["a hold of its destination", act(5, "destination.hold", "crm"), true],
  ["a hold of another one", act(5, "destination.hold", "erp2"), false],
  ["an act on the record", act(5, "record.forget", "crm/customer/1"), true],
  ["an act on another record", act(5, "record.forget", "crm/customer/12"), false],
  ["a replay of its letter", act(5, "letters.replay", "l", named({ records: [RECORD] })), true],
  ["a discard of its event's letter", act(5, "letters.discard", "3 dead letters", named({ events: [EVENT] })), true],
  ["a replay of others", act(5, "letters.replay", "l", named({ events: [{ ...EVENT, id: "e-2" }] })), false],
  ["the begin of a task", act(5, "letters.replay", "l", { ...named({ records: [RECORD] }), result: "begun" }), false],
  ["an act of a release that named no letters", act(5, "letters.replay", "l", { details: { letters: 3 } }), false],
  ["something else", act(5, "task.abort", "crm"), false],
])("%s", async (_name, each, isFound) => {
  expect(await actsOn(of([each]), things, 0, Infinity)).toEqual(isFound ? [each] : []);
});

test("acts are those after a time, up to another, so that pages share none and lack none", async () => {
  const all = [1, 2, 3, 4, 5].map((atMs) => act(atMs, "destination.hold", "crm"));
  const times = async (fromMs: number, untilMs: number) =>
    (await actsOn(of(all), things, fromMs, untilMs)).map(({ atMs }) => atMs);
  expect([...(await times(3, Infinity)), ...(await times(1, 3)), ...(await times(0, 1))]).toEqual([5, 4, 3, 2, 1]);
});

test("an act is told with its result, who asked for it, and why", () => {
  const held = act(5, "destination.hold", "crm", { result: "held", reason: "their upgrade" });
  expect(actText(held)).toBe("ada held crm: their upgrade");
  expect(actText(act(5, "record.park", "crm/customer/1", { result: "parked" }))).toBe("ada parked it");
  // It was refused: nothing of the record was there to be parked.
  expect(actText(act(5, "record.park", "crm/customer/1", { result: "none" }))).toBe("ada parked it (none)");
  expect(actText(act(5, "letters.replay", "l"))).toBe("ada replayed a dead letter of it");
});
