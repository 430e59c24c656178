import { cpSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, inject, onTestFinished, test } from "vitest";
import { createLog, openDatabase } from "@sluice/runtime";
import { findEvents } from "./find-events.ts";
import { createArchiveStore } from "./store/archive-store.ts";
import { createConnection } from "./store/connection.ts";
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

/** The outcomes of events by their ids, from a history of these lines, each in a segment of its own. */
async function outcomesIn(lines: readonly (Understood | Flown)[]): Promise<Readonly<Record<string, string>>> {
  const dataDir = mkdtempSync(join(tmpdir(), "sluice-history-"));
  cpSync(inject("emptyPostgres"), join(dataDir, "postgres"), { recursive: true });
  const log = createLog({ role: "test", level: "silent" });
  const database = await openDatabase({ dataDir, log });
  onTestFinished(async () => await database.close());
  const store = createArchiveStore(
    createConnection(async () => database, false),
    () => BEGAN_MICROS / 1000,
  );
  await store.write(await Promise.all(lines.map(packed)), [], { session: "s", writtenMs: 0 });
  const page = { limit: 50, before: null, isOver: () => false };
  const { items } = await findEvents(database, {}, page);
  return Object.fromEntries(items.map(({ id, outcome }) => [id, outcome]));
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
  expect(await outcomesIn([alone, early, newer, waits, ...flights])).toEqual({
    [alone.events[0]!.id]: "applied",
    [early.events[0]!.id]: "applied",
    [newer.events[0]!.id]: "applied",
    [waits.events[0]!.id]: "pending",
  });
});
