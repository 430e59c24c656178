import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { createLog, openDatabase, type Database } from "@sluice/runtime";
import { openHistory } from "@sluice/history";
import { familyProcessorMicros } from "../processor.ts";
import { ask, benchPostgres, type BenchPostgres } from "../records/postgres.ts";
import { flownOf, understoodOf } from "./lines.ts";
import { fillFilters } from "./filters.ts";
import { searchTimes } from "./searches.ts";

/*
 * The cost of the history: the time that an event takes of the worker's thread and of its process, the bytes that it takes in Postgres,
 * and how long searches take among many.
 *
 *   node test/bench/history/main.ts [--events 100000] [--search 10000000] [--database postgres://…] [--filled]
 *
 * The database is a Postgres of its own, which is thrown away, or the one that is named, whose history is thrown away. With `--filled` it has
 * been filled by an earlier run for as many events, and nothing but the searches is measured.
 */
const { values } = parseArgs({
  options: {
    events: { type: "string" },
    search: { type: "string" },
    database: { type: "string" },
    filled: { type: "boolean", default: false },
  },
});
const events = Number(values.events ?? 100_000);
const search = Number(values.search ?? 0);
if (values.filled && values.database === undefined)
  throw new Error("--filled needs the --database that an earlier run filled");
const log = createLog({ role: "bench", level: "warn" });
const postgres = values.filled ? { url: values.database!, stop: async () => {} } : await emptyPostgres(values.database);
const history = openHistory({
  open: async () => await openDatabase({ url: postgres.url, dataDir: "", log }),
  isOwn: true,
});
const database: Database = await openDatabase({ url: postgres.url, dataDir: "", log });
try {
  if (!values.filled) {
    await measureWriting();
    if (search > 0) await fillFilters(database, search, tellProgress);
  }
  if (search > 0) await searchTimes(database, search, await serverTime());
} finally {
  await database.close();
  await history.close();
  await postgres.stop();
}

async function emptyPostgres(url: string | undefined): Promise<Pick<BenchPostgres, "url" | "stop">> {
  const opened = await benchPostgres(url);
  console.log(`Postgres ${opened.version}, ${events} events`);
  if (url !== undefined) await ask(url, "drop schema if exists sluice_history cascade");
  return opened;
}

function tellProgress(done: number): void {
  if (done % 1_048_576 === 0) console.error(`${done} events have filters`);
}

/** Processor time of all of Postgres' processes so far: it runs on this machine. */
async function serverTime(): Promise<() => number> {
  const [backend] = await database.query<{ pid: number }>("select pg_backend_pid() as pid");
  const parent = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${backend!.pid}/status`, "utf8"))?.[1]);
  return () => familyProcessorMicros(parent);
}

async function measureWriting(): Promise<void> {
  const archive = history.archive({
    session: "bench",
    keepMs: 86_400_000,
    mostBytes: 1e12,
    nowMs: Date.now,
    onDropped() {},
    onError: (error) => console.error(error),
  });
  let bodyBytes = 0;
  let flights = 0;
  let addedMicros = 0;
  const cpuBefore = process.cpuUsage();
  const serverMicros = await serverTime();
  const serverBefore = serverMicros();
  let madeMicros = 0;
  for (let at = 0; at < events; at += 256) {
    const beganMaking = process.threadCpuUsage();
    const webhooks = Array.from({ length: Math.min(256, events - at) }, (_, of) => understoodOf(at + of));

    const flown = webhooks.map(flownOf);
    const beganAdding = process.threadCpuUsage();
    for (const webhook of webhooks) archive.understood(webhook);
    for (const flight of flown) archive.flown(flight);
    const ended = process.threadCpuUsage();
    madeMicros += microsOf(beganAdding) - microsOf(beganMaking);
    addedMicros += microsOf(ended) - microsOf(beganAdding);
    bodyBytes += webhooks.reduce((sum, { request }) => sum + request!.bodyBytes, 0);
    flights += flown.length;
    // Writing behind the flow has its turn, as it would between two jobs.
    while (archive.numbers().waitingCharacters > 4_000_000) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await archive.close(120_000);
  const cpu = process.cpuUsage(cpuBefore);
  const server = serverMicros() - serverBefore;
  const numbers = archive.numbers();
  const [size] = await database.query<{ bytes: string }>(
    `select sum(pg_total_relation_size(inhrelid))::int8 as bytes from pg_inherits
      where inhparent = 'sluice_history.segments'::regclass`,
  );
  const each = (micros: number): string => (micros / events).toFixed(1);
  console.table({
    "flights for each event": (flights / events).toFixed(2),
    "left out": numbers.leftOutEvents + numbers.leftOutFlights,
    "added, µs of the thread": each(addedMicros),
    "packed and written, µs of the process": each(microsOf(cpu) - madeMicros - addedMicros),
    "Postgres, µs": each(server),
    "raw body, bytes": (bodyBytes / events).toFixed(0),
    "in Postgres, bytes": (Number(size?.bytes ?? 0) / events).toFixed(0),
    "allowed: half of the body and 200": (bodyBytes / events / 2 + 200).toFixed(0),
  });
}

function microsOf({ user, system }: NodeJS.CpuUsage): number {
  return user + system;
}
