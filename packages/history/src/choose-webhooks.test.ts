import { expect, test } from "vitest";
import { chooseWebhooks } from "./choose-webhooks.ts";
import type { EventFilter } from "./find-events.ts";
import { historyOf } from "./history.fixture.ts";
import type { PagePosition } from "./page.ts";
import type { HistoryDatabase } from "./store/connection.ts";
import { dayOf } from "./store/days.ts";
import { joinDay } from "./store/keeper.ts";
import { BEGAN_MICROS, flightOf, webhookOf } from "./understood.fixture.ts";
import type { Understood } from "./written/understood.ts";

async function chosen(
  database: HistoryDatabase,
  filter: EventFilter,
  after: PagePosition | null = null,
): Promise<readonly string[]> {
  const all = await Array.fromAsync(chooseWebhooks(database, filter, after, () => false));
  return all.map(({ webhook }) => webhook.events[0]!.id);
}

function inRun(webhook: Understood, run: number, more: Partial<Understood> = {}): Understood {
  return { ...webhook, first: { ...webhook.first, run }, ...more };
}

const [a, b, c, d] = [1, 2, 3, 4].map((micros) =>
  webhookOf({ micros: micros * 1_000_000, id: "abcd"[micros - 1]!, key: micros < 3 ? "x" : "y" }),
) as [Understood, Understood, Understood, Understood];

test("webhooks come the oldest first, each once and as it came in first, also where segments overlap", async () => {
  const again = {
    ...b,
    understoodMs: b.understoodMs + 9,
    events: b.events.map((event) => ({
      ...event,
      changes: event.changes.map((change) => ({ ...change, word: "same" as const })),
    })),
  };
  const database = await historyOf([[a, d], [c, again], [b, inRun(a, 7)], [inRun(c, 7)]]);
  const all = await Array.fromAsync(chooseWebhooks(database, {}, null, () => false));
  expect(all.map(({ webhook: { first, events } }) => [events[0]!.id, first.run])).toEqual([
    ["a", 0],
    ["b", 0],
    ["c", 0],
    ["d", 0],
  ]);
  expect(all[1]!.webhook.events[0]!.changes[0]!.word).toBe("accepted");
});

test("a search goes on behind a delivery, and filters choose by event, record, time and outcome", async () => {
  const database = await historyOf(
    [
      [a, b],
      [c, d],
    ],
    [flightOf(1_500_000, [a])],
  );
  const { micros, session } = b.first;
  expect(await chosen(database, {}, [micros, session, 0])).toEqual(["c", "d"]);
  expect(await chosen(database, { key: "y" })).toEqual(["c", "d"]);
  expect(await chosen(database, { event: "b" })).toEqual(["b"]);
  expect(await chosen(database, { sinceMs: b.first.micros / 1000, untilMs: c.first.micros / 1000 })).toEqual([
    "b",
    "c",
  ]);
  expect(await chosen(database, { outcome: "applied" })).toEqual(["a"]);
  expect(await chosen(database, { outcome: "pending" })).toEqual(["b", "c", "d"]);
});

test("a row of a file came in with the number of its backfill, and is chosen as it came in", async () => {
  const row = inRun(c, 5, { request: { ...c.request!, method: "FILE", url: "customers.csv" } });
  expect(await chosen(await historyOf([[a], [row]]), {})).toEqual(["a", "c"]);
});

test("segments that are joined under a walk hide nothing from it, and tell nothing twice", async () => {
  const many = Array.from({ length: 40 }, (_, at) => webhookOf({ micros: at * 10, id: `w${at}` }));
  const database = await historyOf(many.map((each) => [each]));
  const told: string[] = [];
  const nowMs = BEGAN_MICROS / 1000;
  let fewer = 0;
  for await (const { webhook } of chooseWebhooks(database, {}, null, () => false)) {
    told.push(webhook.events[0]!.id);
    if (told.length === 12) fewer = await joinDay(database, dayOf(nowMs), nowMs + 3_600_000);
  }
  expect(fewer).toBeGreaterThan(0);
  expect(told).toEqual(many.map((_, at) => `w${at}`));
});

test("an ended search tells no more", async () => {
  const database = await historyOf([[a], [b]]);
  expect(await Array.fromAsync(chooseWebhooks(database, {}, null, () => true))).toEqual([]);
});
