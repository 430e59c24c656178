import type { SeenType } from "@sluice/queue";
import { ISSUE_KINDS, readConfiguration } from "@sluice/runtime";
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { TEXT } from "../console.fixture.ts";
import { LIMITS } from "../limits.ts";
import type { Facts } from "./facts.ts";
import { ISSUE_RULES } from "./kinds.ts";
import { issueId } from "./observation.ts";
import { observe } from "./observe.ts";

const NOW_MS = Date.parse("2026-11-25T12:00:00Z");
const DAY_MS = 86_400_000;

const quiet: Facts = {
  nowMs: NOW_MS,
  configuration: readConfiguration(TEXT, { path: "sluice.yaml", env: {} }),
  lanes: new Map([["crm", { gate: { hold: null, allowed: null }, oldestPendingMs: null, pendingRecords: 0 }]]),
  intake: { waitingWebhooks: 0, oldestMs: null, understood: new Map([["erp", 400]]) },
  workers: 1,
  groups: [],
  wentBack: undefined,
  refused: new Map(),
  days: new Map(),
  fields: new Map(),
  failing: [],
  marks: new Map(),
};
const kindsOf = (facts: Partial<Facts>): string[] =>
  observe({ ...quiet, ...facts }).observations.map(({ kind }) => kind);
const lane = (of: Partial<NonNullable<ReturnType<(typeof quiet)["lanes"]["get"]>>>): Facts["lanes"] =>
  new Map([["crm", { ...quiet.lanes.get("crm")!, ...of }]]);
const hold = (reason: string) => lane({ gate: { hold: { forMs: null, reason, note: "" }, allowed: null } });

test.each([
  ["nothing is wrong", {}, []],
  ["a hold", { lanes: hold("breaker") }, ["held"]],
  ["refused credentials", { lanes: hold("credentials") }, ["credentials_refused"]],
  ["a change of five minutes", { lanes: lane({ oldestPendingMs: NOW_MS - 300_000 }) }, []],
  ["a change of more", { lanes: lane({ oldestPendingMs: NOW_MS - 300_001 }) }, ["oldest_pending"]],
  ["a webhook of a minute", { intake: { ...quiet.intake, oldestMs: NOW_MS - 60_001 } }, ["intake_waits"]],
  ["no worker", { workers: 0 }, ["no_worker"]],
  ["a state that went back", { wentBack: "it went back" }, ["state_went_back"]],
  ["a few bad signatures", { refused: new Map([["erp signature_wrong", LIMITS.refusedInFiveMinutes - 1]]) }, []],
  [
    "bad signatures of several reasons",
    {
      refused: new Map([
        ["erp signature_wrong", LIMITS.refusedInFiveMinutes - 1],
        ["erp timestamp_stale", 1],
      ]),
    },
    ["signatures_refused"],
  ],
  [
    "a receiver that takes nothing",
    { failing: [{ place: "issue_webhooks[0]", origin: "https://a.example", message: "it answered 500" }] },
    ["webhook_failing"],
  ],
] satisfies [string, Partial<Facts>, string[]][])("%s", (_name, facts, kinds) => {
  expect(kindsOf(facts)).toEqual(kinds);
});

test("fields that are gone or of another kind are an issue of their type, new ones alone are none", () => {
  const drift = { type: "customer.updated", before: null, now: null };
  const isNew = { ...drift, field: "data.vat", what: "new", now: "text" } as const;
  const isGone = { ...drift, field: "data.tier", what: "vanished", before: "text" } as const;
  const isOther = { ...drift, field: "data.balance", what: "retyped", before: "number", now: "text" } as const;
  expect(kindsOf({ fields: new Map([["erp", [isNew]]]) })).toEqual([]);
  expect(observe({ ...quiet, fields: new Map([["erp", [isNew, isGone, isOther]]]) }).observations).toMatchObject([
    {
      kind: "mapping_drift",
      subject: "erp customer.updated fields",
      says: expect.stringContaining(
        "data.tier is gone (it was text), data.balance is text, and was number, data.vat is new (text)",
      ),
      level: 2,
      view: "/sources/erp",
    },
  ]);
  expect([...observe({ ...quiet, fields: null }).blind]).toEqual(["mapping_drift"]);
});

test("what could not be found out is said to be unknown, and nothing is made of it", () => {
  const { observations, blind } = observe({ ...quiet, groups: null, days: null, refused: null });
  expect(observations).toEqual([]);
  expect([...blind].toSorted()).toEqual([
    "dead_letters",
    "mapping_drift",
    "signatures_refused",
    "source_silent",
    "unknown_types",
  ]);
});

/** A source's days, today first, each as `{ type: made }`, or with its other ends. */
function week(days: readonly Readonly<Record<string, number | Partial<SeenType>>>[], source = "erp"): Partial<Facts> {
  return {
    days: new Map([
      [
        source,
        days.map((types, ago) =>
          Object.entries(types).map(([type, ends]) => ({
            type,
            made: 0,
            duplicate: 0,
            ignored: 0,
            dead: 0,
            lastMs: NOW_MS - ago * DAY_MS,
            ...(typeof ends === "number" ? { made: ends } : ends),
          })),
        ),
      ],
    ]),
  };
}

const every = { "customer.updated": 40 };

test("a source is silent after a whole day without an event, on whose weekday it sent some a week before", () => {
  expect(kindsOf(week([{}, {}, every, every, every, every, every, every, every]))).toEqual(["source_silent"]);
  // A Monday morning: nothing came on Sunday, nor on the Sunday before.
  expect(kindsOf(week([{}, {}, {}, every, every, every, every, every, {}]))).toEqual([]);
  expect(kindsOf(week([{}, every, every, every, every, every, every, every, every]))).toEqual([]);
  expect(kindsOf(week([every, {}, every, every, every, every, every, every, every]))).toEqual([]);
  expect(kindsOf(week([{}, {}, {}, {}, {}, {}, {}, {}, {}]))).toEqual([]);
});

test("silence lasts until an event comes, also over a day on which nothing was to come", () => {
  const silent = week([{}, {}, {}, every, every, every, every, every, {}]);
  const id = issueId({ kind: "source_silent", subject: "erp" });
  expect(kindsOf({ ...silent, marks: new Map([[id, "400"]]) })).toEqual(["source_silent"]);
  expect(kindsOf({ ...silent, marks: new Map([[id, "399"]]) })).toEqual([]);
});

test("a source with `silent_after` is silent by that alone", () => {
  const configuration = readConfiguration(TEXT.replace("    secrets:", "    silent_after: 2h\n    secrets:"), {
    path: "sluice.yaml",
    env: {},
  });
  const at = (lastMs: number) => kindsOf({ ...week([{ "customer.updated": { made: 1, lastMs } }]), configuration });
  expect(at(NOW_MS - 7_199_000)).toEqual([]);
  expect(at(NOW_MS - 7_200_000)).toEqual(["source_silent"]);
});

test("types that no mapping takes are one issue of their source, and another type is news of it", () => {
  const carts = { "carts/create": { ignored: 3 } };
  const [one] = observe({ ...quiet, ...week([carts]) }).observations;
  expect(one).toMatchObject({ kind: "unknown_types", subject: "erp", count: 3, level: 1 });
  const [two] = observe({ ...quiet, ...week([{ ...carts, "carts/update": { ignored: 1 } }]) }).observations;
  expect(two).toMatchObject({ subject: "erp", count: 4, level: 2 });
});

test("a type that the mapping took last week and takes no more has drifted", () => {
  const days = [
    { "customer.updated": { ignored: LIMITS.driftEvents } },
    {},
    every,
    every,
    every,
    every,
    every,
    every,
    every,
  ];
  const { observations } = observe({ ...quiet, ...week(days) });
  expect(observations).toMatchObject([{ kind: "mapping_drift", subject: "erp customer.updated" }]);
  const taken = [{ "customer.updated": { ignored: LIMITS.driftEvents, made: 1 } }, ...days.slice(1)];
  expect(kindsOf(week(taken))).toEqual([]);
});

test("a type that came on the same weekday a week before and comes no more, while others do, has drifted", () => {
  const both = { "customer.updated": 40, "order.updated": 40 };
  const one = { "order.updated": 40 };
  expect(
    observe({ ...quiet, ...week([one, one, both, both, both, both, both, both, both]) }).observations,
  ).toMatchObject([{ kind: "mapping_drift", subject: "erp customer.updated" }]);
  expect(kindsOf(week([one, both, both, both, both, both, both, both, both]))).toEqual([]);
  expect(kindsOf(week([one, one, both, both, both, both, both, both, one]))).toEqual([]);
});

test("of each kind no more than a number are seen, whatever others there are", () => {
  const group = {
    destination: "crm",
    object: "customer",
    code: "x",
    message: "no",
    place: null,
    count: 1,
    firstAt: "2026-11-25T11:00:00.000Z",
    lastAt: "2026-11-25T11:00:00.000Z",
    sources: [],
    sample: "a",
    hint: "",
  };
  const groups = Array.from({ length: LIMITS.observedOfKind + 10 }, (_, at) => ({ ...group, id: `g${at}` }));
  expect(kindsOf({ groups })).toHaveLength(LIMITS.observedOfKind);
});

test("every kind is in docs/issues.md, and its runbook is there", () => {
  const read = (path: string): string => readFileSync(new URL(`../../../../${path}`, import.meta.url), "utf8");
  const documented = [...read("docs/issues.md").matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, kind]) => kind);
  expect(documented).toEqual([...ISSUE_KINDS]);
  for (const { runbook } of Object.values(ISSUE_RULES)) {
    const [path = "", heading = ""] = runbook.split("#");
    expect(existsSync(new URL(`../../../../${path}`, import.meta.url)), path).toBe(true);
    const headings = [...read(path).matchAll(/^## (.+)$/gm)].map(([, each = ""]) =>
      each.toLowerCase().replaceAll(" ", "-"),
    );
    expect(["", ...headings]).toContain(heading);
  }
});
