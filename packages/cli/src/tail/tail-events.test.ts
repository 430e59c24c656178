import type { EventRow } from "@sluice/history";
import { SluiceError } from "@sluice/runtime";
import { expect, test } from "vitest";
import { LIMITS } from "./limits.ts";
import { tailEvents, type Tail } from "./tail-events.ts";

const BEGAN_MS = Date.parse("2026-11-28T21:00:00Z");

const row = (id: string, outcome: EventRow["outcome"], ref = id): EventRow =>
  ({ id, ref, outcome, source: "erp", type: "t", code: null, records: [], arrivedAt: "" }) as unknown as EventRow;

/** Tails a history that is, look by look, as given: the newest first. The last look is seen for ever. */
async function tailed(looks: readonly (readonly EventRow[] | Error)[], more: Partial<Tail> = {}) {
  const shown: string[] = [];
  const said: string[] = [];
  const asked: Readonly<Record<string, string | undefined>>[] = [];
  let nowMs = BEGAN_MS;
  await tailEvents({
    client: {
      async get<T>(_path: string, query?: Readonly<Record<string, string | undefined>>) {
        const look = looks[Math.min(asked.length, looks.length - 1)]!;
        asked.push(query ?? {});
        if (look instanceof Error) throw look;
        return { items: look, next: null } as T;
      },
    },
    filter: {},
    count: Infinity,
    forMs: 20_000,
    nowMs: () => nowMs,
    rest: async (ms) => void (nowMs += ms),
    isOver: () => false,
    show: ({ id, outcome }) => void shown.push(`${(nowMs - BEGAN_MS) / 1000} ${id} ${outcome}`),
    say: (text) => void said.push(text),
    ...more,
  });
  return { shown, said, asked, tookMs: nowMs - BEGAN_MS };
}

test("each event is one line, once it has ended, in the order in which they came", async () => {
  const { shown } = await tailed([
    [],
    [row("b", "applied"), row("a", "pending")],
    [row("c", "ignored"), row("b", "applied"), row("a", "merged")],
  ]);
  expect(shown).toEqual(["1 b applied", "2 a merged", "2 c ignored"]);
});

test("an event that does not end is shown as pending after a while, and not again", async () => {
  const pending = [row("a", "pending")];
  const { shown } = await tailed([pending, pending, pending, pending, pending, pending, [row("a", "applied")]]);
  expect(shown).toEqual([`${LIMITS.patienceMs / 1000} a pending`]);
});

test("two deliveries of one event are two lines", async () => {
  const { shown } = await tailed([[row("a", "duplicate", "2"), row("a", "applied", "1")]]);
  expect(shown).toEqual(["0 a applied", "0 a duplicate"]);
});

test("a filter by outcome takes the outcome that an event ends with", async () => {
  const { shown, asked } = await tailed([[row("a", "pending")], [row("a", "dead"), row("b", "applied")]], {
    filter: { outcome: "dead", source: "erp" },
  });
  expect(shown).toEqual(["1 a dead"]);
  // The console would leave out an event that is pending now and dead in a moment.
  expect(asked[0]).toMatchObject({ source: "erp" });
  expect(asked[0]).not.toHaveProperty("outcome");
});

test("it ends after so many events, after so long, or when it is told to, and then shows what it waits for", async () => {
  expect((await tailed([[row("b", "applied"), row("a", "applied")]], { count: 1 })).shown).toEqual(["0 a applied"]);
  expect((await tailed([[]], { forMs: 2500 })).tookMs).toBe(2500);
  expect((await tailed([[row("a", "pending")]], { isOver: () => true })).shown).toEqual(["0 a pending"]);
});

test("a console that restarts is waited for, and what that may cost is said; another fault ends it", async () => {
  const away = new SluiceError("away", { code: "console_unreachable", hint: "" });
  const { shown, said } = await tailed([[], away, away, [row("a", "applied")]]);
  expect(shown).toEqual(["3 a applied"]);
  expect(said).toEqual(["The console does not answer for now: events of this time may be missing."]);
  await expect(tailed([[], away], { forMs: Infinity })).rejects.toThrow("away");
  await expect(tailed([new SluiceError("no", { code: "history_off", hint: "" })])).rejects.toThrow("no");
});

test("a console that does not answer at the start is not waited for", async () => {
  const away = new SluiceError("away", { code: "console_unreachable", hint: "" });
  await expect(tailed([away, []])).rejects.toThrow("away");
});

test("it looks back from the start, and later no further than its window", async () => {
  const { asked } = await tailed([[]], { forMs: 60_000 });
  expect(asked[0]!["since"]).toBe(new Date(BEGAN_MS).toISOString());
  expect(asked.at(-1)!["since"]).toBe(new Date(BEGAN_MS + 60_000 - LIMITS.windowMs).toISOString());
});
