import { cpSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { inject, onTestFinished } from "vitest";
import { createLog, openDatabase } from "@sluice/runtime";
import { createArchiveStore } from "./store/archive-store.ts";
import { createConnection, type HistoryDatabase } from "./store/connection.ts";
import { pack } from "./store/segment.ts";
import { BEGAN_MICROS } from "./understood.fixture.ts";
import { writeFlown, type Flown } from "./written/flown.ts";
import { namesOfFlown, namesOfUnderstood } from "./written/names.ts";
import { writeUnderstood, type Understood } from "./written/understood.ts";

/** A history of segments with these lines. */
export async function historyOf(
  segments: readonly (readonly Understood[])[],
  flights: readonly Flown[] = [],
): Promise<HistoryDatabase> {
  const database = await emptyHistory();
  onTestFinished(async () => await database.close());
  await fillHistory(database, segments, flights);
  return database;
}

/** A history of nothing, which its caller closes. */
export async function emptyHistory(): Promise<HistoryDatabase> {
  const dataDir = mkdtempSync(join(inject("folder"), "history-"));
  cpSync(inject("emptyPostgres"), join(dataDir, "postgres"), { recursive: true });
  const database = await openDatabase({ dataDir, log: createLog({ role: "test", level: "silent" }) });
  return await createConnection(async () => database, false).database();
}

/** Puts segments with these lines in place of all that the history holds, each flight in one of its own. */
export async function fillHistory(
  database: HistoryDatabase,
  segments: readonly (readonly Understood[])[],
  flights: readonly Flown[] = [],
): Promise<void> {
  await database.script("truncate sluice_history.segments");
  const connection = createConnection(async () => database, false);
  const store = createArchiveStore(connection, () => BEGAN_MICROS / 1000);
  const understood = segments.map(async (lines) => {
    const times = lines.map(({ first }) => first.micros);
    const names = lines.flatMap(namesOfUnderstood);
    const [fromMicros, untilMicros] = [Math.min(...times), Math.max(...times)];
    return await pack({
      stream: "understood",
      fromMicros,
      untilMicros,
      lines: lines.map(writeUnderstood),
      names,
      items: lines.length,
    });
  });
  const flown = flights.map(async (flight) => {
    const micros = flight.endedMs * 1000;
    return await pack({
      stream: "flown",
      fromMicros: micros,
      untilMicros: micros,
      lines: [writeFlown(flight)],
      names: namesOfFlown(flight),
      items: 1,
    });
  });
  await store.write(await Promise.all([...understood, ...flown]), [], { session: "s", writtenMs: 0 });
}
