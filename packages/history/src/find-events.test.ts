import { randomBytes } from "node:crypto";
import { cpSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, onTestFinished, test } from "vitest";
import { createLog, openDatabase } from "@sluice/runtime";
import { findEvents } from "./find-events.ts";
import { findRefused } from "./find-refused.ts";
import type { Page, PageWanted } from "./page.ts";
import { timelineOf } from "./timeline.ts";
import { createArchiveStore } from "./store/archive-store.ts";
import { createConnection, type HistoryDatabase } from "./store/connection.ts";
import { createEncryption } from "./store/encryption.ts";
import { pack, type PackedSegment } from "./store/segment.ts";
import { BEGAN_MICROS, flightOf, webhookOf } from "./understood.fixture.ts";
import { writeFlown, type Flown } from "./written/flown.ts";
import { namesOfFlown, namesOfUnderstood } from "./written/names.ts";
import { writeUnderstood, type Understood } from "./written/understood.ts";

async function packed(line: Understood | Flown): Promise<PackedSegment> {
  const of =
    "token" in line
      ? { stream: "flown", micros: line.endedMs * 1000, text: writeFlown(line), names: namesOfFlown(line) }
      : {
          stream: "understood",
          micros: line.first.micros,
          text: writeUnderstood(line),
          names: namesOfUnderstood(line),
        };
  const stream = of.stream as PackedSegment["stream"];
  return await pack({
    stream,
    fromMicros: of.micros,
    untilMicros: of.micros,
    lines: [of.text],
    names: of.names,
    items: 1,
  });
}

/** A history of these lines, each in a segment of its own. */
async function historyOf(lines: readonly (Understood | Flown)[]): Promise<HistoryDatabase> {
  const dataDir = mkdtempSync(join(inject("folder"), "history-"));
  cpSync(inject("emptyPostgres"), join(dataDir, "postgres"), { recursive: true });
  const log = createLog({ role: "test", level: "silent" });
  const database = await openDatabase({ dataDir, log });
  onTestFinished(async () => await database.close());
  const connection = createConnection(async () => database, false, createEncryption([randomBytes(32)]));
  const store = createArchiveStore(connection, () => BEGAN_MICROS / 1000);
  await store.write(await Promise.all(lines.map(packed)), [], { session: "s", writtenMs: 0 });
  return await connection.database();
}

/** All that a search finds, page by page. */
async function pages<T>(ask: (page: PageWanted) => Promise<Page<T>>, limit: number): Promise<readonly T[]> {
  const items: T[] = [];
  let before: PageWanted["before"] = null;
  for (let at = 0; at < 50; at += 1) {
    const page = await ask({ limit, before, isOver: () => false });
    items.push(...page.items);
    if (page.next === null) return items;
    before = page.next;
  }
  throw new Error("the pages do not end");
}

const SECOND = 1_000_000;

test("a flight is found by a clock that is half a minute behind, and one that would pass the change by is not believed before", async () => {
  const [alone, early, newer, waits] = [
    webhookOf({ micros: 60 * SECOND, key: "a" }),
    webhookOf({ micros: 61 * SECOND, key: "b" }),
    webhookOf({ micros: 62 * SECOND, key: "b" }),
    webhookOf({ micros: 63 * SECOND, key: "c" }),
  ] as const;
  const behind = (micros: number): Partial<Flown> => ({ endedMs: (BEGAN_MICROS + micros - 30 * SECOND) / 1000 });
  const flights = [
    flightOf(60.5 * SECOND, [alone], behind(60.5 * SECOND)),
    flightOf(61.5 * SECOND, [early], behind(61.5 * SECOND)),
    flightOf(62.5 * SECOND, [newer]),
  ];
  const database = await historyOf([alone, early, newer, waits, ...flights]);
  const rows = await pages(async (page) => await findEvents(database, {}, page), 50);
  expect(rows.map(({ id, outcome }) => [id, outcome])).toEqual([
    [waits.events[0]!.id, "pending"],
    [newer.events[0]!.id, "applied"],
    [early.events[0]!.id, "applied"],
    [alone.events[0]!.id, "applied"],
  ]);
});

test("dead letters and a record's timeline go on where their last page ended, also among things of one moment", async () => {
  const fault = { code: "webhook_unreadable", message: "no JSON" };
  const unread = { ...webhookOf({ micros: 5000 }), fault, events: [] };
  const refused = [1, 2, 3].map((at) => webhookOf({ micros: at, key: "a" }));
  const sameMoment = { verdict: "buried", code: "invalid", endedMs: BEGAN_MICROS / 1000 + 3 } as const;
  const flights = refused.map((webhook, at) => flightOf(10 + at, [webhook], sameMoment));
  const database = await historyOf([unread, ...refused, ...flights]);
  const ids = refused.map(({ events }) => events[0]!.id);

  const dead = await pages(async (page) => await findRefused(database, {}, page), 1);
  expect(dead.map(({ code }) => code)).toEqual(["webhook_unreadable", "invalid", "invalid", "invalid"]);
  expect(
    dead
      .slice(1)
      .map(({ id }) => id)
      .toSorted(),
  ).toEqual(ids);
  const byCode = await pages(async (page) => await findRefused(database, { code: "invalid", key: "a" }, page), 2);
  expect(byCode.map(({ id }) => id).toSorted()).toEqual(ids);

  const { record } = refused[0]!.events[0]!.changes[0]!;
  const entries = await pages(async (page) => await timelineOf(database, record, page), 1);
  expect(entries.map(({ what }) => what)).toEqual(["attempt", "attempt", "attempt", "change", "change", "change"]);
  expect(entries.slice(3).map(({ event }) => event?.id)).toEqual(ids.toReversed());
  expect(new Set(entries.map(({ flight }) => flight?.token)).size).toBe(4);

  const outOfTime = await findRefused(database, {}, { limit: 10, before: null, isOver: () => true });
  expect(outOfTime).toMatchObject({ items: [], searchedToMs: null });
});

test("a delivery and its replays, which have one time, stand on pages of their own, the last replay first", async () => {
  const first = webhookOf({ micros: 60 * SECOND, id: "e" });
  const replayed = [1, 2].map((run) => ({ ...first, first: { ...first.first, run } }));
  const database = await historyOf([replayed[1]!, first, replayed[0]!]);
  const rows = await pages(async (page) => await findEvents(database, {}, page), 1);
  expect(rows.map(({ run }) => run)).toEqual([2, 1, 0]);
});

test("an event is dead where all of its change was refused, and set aside where fields of it alone were", async () => {
  const both = { tier: "gold", city: "Ulm" };
  const [partly, wholly, since, waits] = [1, 2, 3, 4].map((at) =>
    webhookOf({ micros: at * SECOND, key: `k${at}`, fields: both }),
  ) as [Understood, Understood, Understood, Understood];
  const only = (field: string, of: Understood): Partial<Flown> => ({
    carried: [{ stamp: of.events[0]!.changes[0]!.stamp, isOpen: true, fields: [field] }],
  });
  const aside = { verdict: "set_aside", code: "invalid", refused: ["tier"] } as const;
  const flights = [
    flightOf(10 * SECOND, [partly], aside),
    flightOf(11 * SECOND, [partly], only("city", partly)),
    flightOf(12 * SECOND, [wholly], { ...aside, refused: ["tier", "city"] }),
    flightOf(13 * SECOND, [since], aside),
    flightOf(14 * SECOND, [since], { ...only("city", since), verdict: "buried", code: "too_long" }),
    flightOf(15 * SECOND, [waits], aside),
  ];
  const database = await historyOf([partly, wholly, since, waits, ...flights]);
  const ids = ([partly, wholly, since, waits] as const).map(({ events }) => events[0]!.id);
  const found = async (filter: Parameters<typeof findRefused>[1]) =>
    (await pages(async (page) => await findRefused(database, filter, page), 1)).map(({ id, outcome, code }) => [
      ids.indexOf(id),
      outcome,
      code,
    ]);
  expect(await found({ outcome: "dead" })).toEqual([
    [2, "dead", "too_long"],
    [1, "dead", "invalid"],
  ]);
  expect(await found({ outcome: "set_aside" })).toEqual([[0, "set_aside", "invalid"]]);
  expect(await found({ code: "invalid" })).toEqual([
    [3, "pending", "invalid"],
    [1, "dead", "invalid"],
    [0, "set_aside", "invalid"],
  ]);
  const rows = await pages(async (page) => await findEvents(database, {}, page), 50);
  expect(rows.map(({ outcome }) => outcome).toReversed()).toEqual(["set_aside", "dead", "dead", "pending"]);
});
