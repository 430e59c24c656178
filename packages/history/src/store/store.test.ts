import { cpSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { createLog, openDatabase } from "@sluice/runtime";
import { BEGAN_MICROS, flightOf, webhookOf } from "../understood.fixture.ts";
import { writeFlown } from "../written/flown.ts";
import { namesOfFlown, namesOfUnderstood, searchName } from "../written/names.ts";
import { readUnderstood, writeUnderstood, type Understood } from "../written/understood.ts";
import { createArchiveStore } from "./archive-store.ts";
import { createConnection, type Connection, type HistoryDatabase } from "./connection.ts";
import { dayOf, daysOf, daysToDrop, makeDay } from "./days.ts";
import { bloomFilterOf, mayHold } from "./filter.ts";
import { dropDays, joinDay, noteLost } from "./keeper.ts";
import { pack, type PackedSegment } from "./segment.ts";
import { walk } from "./walk.ts";

const NOW_MS = BEGAN_MICROS / 1000 + 3_600_000;
const log = createLog({ role: "test", level: "silent" });
let database: HistoryDatabase;
let connection: Connection;

beforeAll(async () => {
  const dataDir = mkdtempSync(join(inject("folder"), "history-"));
  cpSync(inject("emptyPostgres"), join(dataDir, "postgres"), { recursive: true });
  const opened = await openDatabase({ url: inject("databaseUrl") ?? undefined, dataDir, log });
  connection = createConnection(async () => opened, false);
  database = await connection.database();
});
afterAll(async () => await database.close());

async function segmentOf(webhooks: readonly Understood[]): Promise<PackedSegment> {
  const micros = webhooks.map(({ first }) => first.micros);
  return await pack({
    stream: "understood",
    fromMicros: Math.min(...micros),
    untilMicros: Math.max(...micros),
    lines: webhooks.map(writeUnderstood),
    names: webhooks.flatMap(namesOfUnderstood),
    items: webhooks.length,
  });
}

async function found(names: readonly string[], order: "newest" | "oldest" = "newest"): Promise<readonly number[]> {
  const all: number[] = [];
  const asked = { stream: "understood", names, fromMicros: 0, untilMicros: Number.MAX_SAFE_INTEGER, order } as const;
  for await (const { lines } of walk(database, asked, () => false)) {
    all.push(...lines.map((line) => readUnderstood(line).first.micros - BEGAN_MICROS));
  }
  return all;
}

test("a filter holds every name that was put in, and few others", () => {
  const names = Array.from({ length: 1000 }, (_, at) => searchName.event(`event-${at}`));
  const filter = bloomFilterOf(names);
  expect(names.every((name) => mayHold(filter, name))).toBe(true);
  const strangers = Array.from({ length: 20_000 }, (_, at) => searchName.key(`event-${at}`));
  expect(strangers.filter((name) => mayHold(filter, name)).length).toBeLessThan(60);
});

test("a search opens the segments that may hold a name, the newest first, and no others", async () => {
  const store = createArchiveStore(connection, () => NOW_MS);
  const said = { session: "search", writtenMs: NOW_MS };
  const segments = await Promise.all(
    Array.from({ length: 30 }, async (_, at) => await segmentOf([webhookOf({ micros: at, key: `k-${at % 10}` })])),
  );
  await store.write(segments, [], said);
  expect(await found([searchName.key("k-3")])).toEqual([23, 13, 3]);
  expect(await found([searchName.key("k-3")], "oldest")).toEqual([3, 13, 23]);
  expect(await found([searchName.key("k-3"), searchName.event("e-13")])).toEqual([13]);
  expect(await found([searchName.key("nobody's")])).toEqual([]);
  expect((await found([])).length).toBe(30);
});

test("small segments are joined, what stands there twice once, and all is found as before", async () => {
  const store = createArchiveStore(connection, () => NOW_MS);
  const said = { session: "join", writtenMs: NOW_MS };
  const again = webhookOf({ micros: 5, key: "k-5", word: "same" });
  await store.write([await segmentOf([again])], [], said);
  expect((await found([searchName.event("e-5")])).length).toBe(2);
  expect(await joinDay(database, dayOf(NOW_MS), NOW_MS)).toBe(30);
  expect(await joinDay(database, dayOf(NOW_MS), NOW_MS)).toBe(0);
  const all = (await found([])).toSorted((a, b) => a - b);
  expect(all).toEqual(Array.from({ length: 30 }, (_, at) => at));
  const [only] = await database.query<{ n: number }>("select count(*)::int as n from sluice_history.segments");
  expect(only?.n).toBe(1);
});

test("flights are joined too", async () => {
  const store = createArchiveStore(connection, () => NOW_MS);
  const flights = Array.from({ length: 10 }, (_, at) => flightOf(at, [webhookOf({ micros: at })]));
  const segments = flights.map(async (flight) => {
    const micros = flight.endedMs * 1000;
    const names = namesOfFlown(flight);
    const lines = [writeFlown(flight)];
    return await pack({ stream: "flown", fromMicros: micros, untilMicros: micros, lines, names, items: 1 });
  });
  await store.write(await Promise.all(segments), [], { session: "flown", writtenMs: NOW_MS });
  expect(await joinDay(database, dayOf(NOW_MS), NOW_MS)).toBe(9);
});

test("days go when they are too old, or the oldest when all are too much, and the last stays", async () => {
  const dayMs = 86_400_000;
  const days = [4, 3, 2, 1, 0].map((ago) => ({ day: dayOf(NOW_MS - ago * dayMs), bytes: 10 }));
  const of = (keepMs: number, mostBytes: number): readonly string[] =>
    daysToDrop(days, { nowMs: NOW_MS, keepMs, mostBytes });
  expect(of(30 * dayMs, 1000)).toEqual([]);
  expect(of(2 * dayMs, 1000)).toEqual(days.slice(0, 2).map(({ day }) => day));
  expect(of(30 * dayMs, 25)).toEqual(days.slice(0, 3).map(({ day }) => day));
  expect(of(0, 0)).toEqual(days.slice(0, 4).map(({ day }) => day));

  const old = dayOf(NOW_MS - 40 * dayMs);
  await makeDay(database, old);
  await makeDay(database, old);
  expect(await dropDays(database, { nowMs: NOW_MS, keepMs: 30 * dayMs, mostBytes: 1e12 })).toEqual([old]);
  expect((await daysOf(database)).map(({ day }) => day)).toEqual([dayOf(NOW_MS)]);
});

test("a process that said nothing any more leaves a gap, one that ended well does not", async () => {
  const store = createArchiveStore(connection, () => NOW_MS);
  const writtenMs = NOW_MS - 5000;
  await store.write([], [], { session: "killed", writtenMs });
  await store.write([], [], { session: "ended", writtenMs });
  await store.leave("ended");
  await noteLost(database, 3_600_000);
  expect(await database.query("select * from sluice_history.gaps")).toEqual([]);
  await noteLost(database, -3_600_000);
  const gaps = await database.query<{ from_at: Date; reason: string }>(
    "select * from sluice_history.gaps where from_at = $1",
    [new Date(writtenMs)],
  );
  expect(gaps).toMatchObject([{ reason: "worker_lost", events: null }]);
  expect(await database.query("select * from sluice_history.archivers")).toEqual([]);
});
