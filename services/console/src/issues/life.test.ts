import { expect, test } from "vitest";
import { LIMITS } from "../limits.ts";
import { ISSUE_RULES } from "./kinds.ts";
import { step, type IssueAct, type KeptIssue } from "./life.ts";
import { issueId, type Observation } from "./observation.ts";

const SECOND_MS = 1000;

const held: Observation = {
  kind: "held",
  subject: "crm",
  title: "crm is held (breaker)",
  says: "",
  count: null,
  view: "/destinations/crm",
  level: 0,
  mark: "",
};
const dead: Observation = { ...held, kind: "dead_letters", subject: "group", title: "1 change is dead", level: 100 };

/** Looks one after the other: what each sees, and the word that a person says before it. */
function lookThrough(looks: readonly (readonly [atMs: number, seen: readonly Observation[], act?: IssueAct])[]) {
  let issues: readonly KeptIssue[] = [];
  return looks.map(([atMs, observations, act]) => {
    ({ issues } = step(issues, { observations, blind: new Set() }, act === undefined ? [] : [act], atMs));
    return issues.map(({ state }) => state).join();
  });
}

/** A word about the opening at a time, by the clock of the console that took it. */
const act = (what: IssueAct["what"], of: Observation, openedMs: number, atMs = openedMs): IssueAct => ({
  id: issueId(of),
  what,
  openedMs,
  atMs,
  by: "ada",
  reason: null,
});

test("a cause is an issue once it has stood for its time, and not where it passes before", () => {
  const { afterMs } = ISSUE_RULES.held;
  expect(
    lookThrough([
      [0, [held]],
      [afterMs - 1, [held]],
      [afterMs, [held]],
    ]),
  ).toEqual(["waiting", "waiting", "open"]);
  expect(
    lookThrough([
      [0, [held]],
      [afterMs - 1, []],
      [afterMs, [held]],
    ]),
  ).toEqual(["waiting", "", "waiting"]);
  expect(lookThrough([[0, [dead]]])).toEqual(["open"]);
});

test("it is resolved when its cause has been gone for a while, and the same issue when that comes back", () => {
  const goneMs = LIMITS.issueGoneAfterMs;
  expect(
    lookThrough([
      [0, [dead]],
      [SECOND_MS, []],
      [2 * SECOND_MS, [dead]],
      [2 * SECOND_MS + goneMs, []],
      [3 * SECOND_MS + goneMs, [dead]],
    ]),
  ).toEqual(["open", "open", "open", "resolved", "open"]);
  let issues: readonly KeptIssue[] = [];
  for (const [atMs, seen] of [
    [0, [dead]],
    [goneMs, []],
    [goneMs + 1, [dead]],
  ] as const) {
    ({ issues } = step(issues, { observations: seen, blind: new Set() }, [], atMs));
  }
  expect(issues).toMatchObject([
    { openings: 2, life: [{ what: "opened" }, { what: "resolved" }, { what: "reopened" }] },
  ]);
});

test("one that somebody looks after stays so until its cause is gone", () => {
  expect(
    lookThrough([
      [0, [dead]],
      [1, [dead], act("acknowledged", dead, 0)],
      [2, [{ ...dead, level: 200 }]],
      [2 + LIMITS.issueGoneAfterMs, []],
    ]),
  ).toEqual(["open", "acknowledged", "acknowledged", "resolved"]);
});

test("one that a person has resolved while its cause stands is opened again by news, and not by the same cause", () => {
  expect(
    lookThrough([
      [0, [dead]],
      [1, [dead], act("resolved", dead, 0)],
      [2, [dead]],
      [3, [{ ...dead, level: 50 }]],
      [4, [{ ...dead, level: 101 }]],
    ]),
  ).toEqual(["open", "resolved", "resolved", "resolved", "open"]);
});

test("a hold that a person has resolved may stand, and one that begins later has to stand as long as any", () => {
  const { afterMs } = ISSUE_RULES.held;
  const later = 2 * afterMs;
  expect(
    lookThrough([
      [0, [held]],
      [afterMs, [held]],
      [afterMs, [held], act("resolved", held, afterMs)],
      [later, [held]],
      [later + 1, []],
      [later + 2, [held]],
      [later + 2 + afterMs, [held]],
    ]).slice(2),
  ).toEqual(["resolved", "resolved", "resolved", "resolved", "open"]);
});

test.each([
  ["about an earlier opening changes nothing", 0, "open"],
  ["about this opening counts, also where its console's clock is behind", LIMITS.issueGoneAfterMs + 1, "acknowledged"],
])("a word %s", (_what, openedMs, state) => {
  const goneMs = LIMITS.issueGoneAfterMs;
  expect(
    lookThrough([
      [0, [dead]],
      [goneMs, []],
      [goneMs + 1, [dead]],
      [goneMs + 2, [dead], act("acknowledged", dead, openedMs, goneMs)],
    ]).at(-1),
  ).toBe(state);
});

test("what could not be looked at stays as it is", () => {
  const { issues } = step([], { observations: [dead], blind: new Set() }, [], 0);
  const later = step(issues, { observations: [], blind: new Set(["dead_letters"]) }, [], LIMITS.issueGoneAfterMs * 10);
  expect(later.issues).toEqual(issues);
});

test("there is a bound on them: resolved ones make room, and then new faults are left out and counted", () => {
  const kinds = ["dead_letters", "mapping_drift", "source_silent", "webhook_failing"] as const;
  const many = (from: number, count: number): Observation[] =>
    Array.from({ length: count }, (_, at) => ({
      ...{ ...dead, kind: kinds[at % kinds.length]! },
      subject: `group ${from + at}`,
    }));
  const none = { blind: new Set<never>() };
  const first = step([], { observations: many(0, LIMITS.issues + 3), ...none }, [], 0);
  expect([first.issues.length, first.leftOut]).toEqual([LIMITS.issues, 3]);
  const gone = step(first.issues, { observations: [], ...none }, [], LIMITS.issueGoneAfterMs);
  const second = step(gone.issues, { observations: many(1000, 5), ...none }, [], LIMITS.issueGoneAfterMs + 1);
  expect(second.leftOut).toBe(0);
  expect(second.issues.filter(({ state }) => state === "open")).toHaveLength(5);
  expect(second.issues).toHaveLength(LIMITS.issues);
  const forgotten = step(second.issues, { observations: [], ...none }, [], LIMITS.issueKeptMs * 2);
  expect(forgotten.issues.filter(({ life }) => life.length > 2)).toEqual([]);
});

test("of one kind there is a bound too, and those that stand keep their places, whatever comes", () => {
  const many = (from: number): Observation[] =>
    Array.from({ length: LIMITS.issuesOfKind }, (_, at) => ({ ...dead, subject: `group ${from + at}` }));
  const none = { blind: new Set<never>() };
  const first = step([], { observations: many(0), ...none }, [], 0);
  const observations = [...many(1000), ...many(0), held];
  const second = step(first.issues, { observations, ...none }, [], LIMITS.issueGoneAfterMs);
  expect(second.leftOut).toBe(LIMITS.issuesOfKind);
  expect(second.issues.map(({ subject }) => subject)).toEqual([...many(0).map(({ subject }) => subject), "crm"]);
  expect(new Set(second.issues.map(({ state }) => state))).toEqual(new Set(["open", "waiting"]));
});
