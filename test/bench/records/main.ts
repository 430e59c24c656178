import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { startChild, type Child } from "../child.ts";
import type { ByHand, ByHandReport } from "./by-hand.ts";
import type { Load, LoadReport, Reads } from "./load.ts";
import { processorMicros } from "../processor.ts";
import { fillUntil } from "./many.ts";
import { ask, benchPostgres, type BenchPostgres } from "./postgres.ts";
import { readsOf } from "./reads.ts";
import { FIELDS } from "./row.ts";
import { seed } from "./seed.ts";

const DEADLINE_MS = 600_000;
const CONNECTIONS = 64;
const BULK_CONNECTIONS = 8;
const TOKEN = "bench";
/** The turns of a round of writes. */
const TURNS = 4;

/** Measures services/records against the Postgres that it runs on, in turns, and prints shares of it. */
export async function benchRecords(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: "boolean", default: false },
      /** A Postgres whose schema `records` may be thrown away; otherwise one is started. */
      database: { type: "string" },
      rounds: { type: "string" },
      records: { type: "string" },
      /** Only the reads, or only the writes; `many` fills one object as far as it gets, and then reads and writes it. */
      only: { type: "string" },
      /** How long `many` may put records in. */
      minutes: { type: "string", default: "25" },
      /** A directory for a CPU profile of the store. */
      profile: { type: "string" },
    },
  });
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
  const records = Number(values.records ?? (values.quick ? 50_000 : 1_000_000));
  const writes = values.quick ? 4_000 : 20_000;
  const nodeOptions = values.profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${values.profile}`];
  const postgres = await benchPostgres(values.database);
  const children: Child[] = [];
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    // The children end when they lose their parent; Postgres would not.
    process.once(signal, () => void postgres.stop().finally(() => process.exit(1)));
  }
  try {
    const store = await startChild("records/store.ts", { databaseUrl: postgres.url, token: TOKEN }, nodeOptions);
    const load = await startChild("records/load.ts", {});
    const byHand = await startChild("records/by-hand.ts", {});
    children.push(load, byHand, store);
    console.log(`Postgres ${postgres.version}, ${availableParallelism()} cores, Node.js ${process.version}\n`);
    if (values.only === "many") {
      const most = Number(values.records ?? 10_000_000);
      await benchMany({ store, load, databaseUrl: postgres.url, records: most, minutes: Number(values.minutes) });
      return;
    }
    if (values.only !== "reads") await benchWrites({ store, load, byHand, postgres, writes, rounds });
    if (values.only !== "writes") await benchReads({ store, load, databaseUrl: postgres.url, records });
  } finally {
    for (const child of children) await child.stop();
    await postgres.stop();
  }
}

type Writes = {
  readonly store: Child;
  readonly load: Child;
  readonly byHand: Child;
  readonly postgres: BenchPostgres;
  readonly writes: number;
  readonly rounds: number;
};

async function benchWrites({ store, load, byHand, postgres, writes, rounds }: Writes): Promise<void> {
  const databaseUrl = postgres.url;
  await ask(databaseUrl, "create table plain (key text primary key, name text, fields jsonb, updated_at timestamptz)");
  await makeObject(store.url, "by_hand");
  const keys = writes / 2;
  const hand = async (table: ByHand["table"], connections: number): Promise<number> => {
    const order: ByHand = { databaseUrl, connections, writes, keys, table };
    return ((await byHand.order(order, DEADLINE_MS)) as ByHandReport).perSecond;
  };
  const through = async (object: string, bulk: boolean): Promise<LoadReport> => {
    const connections = bulk ? BULK_CONNECTIONS : CONNECTIONS;
    const order: Load = { url: store.url, token: TOKEN, object, connections, writes, keys, bulk };
    return (await load.order(order, DEADLINE_MS)) as LoadReport;
  };
  const spent = async <Report>(turn: string, round: number, work: () => Promise<Report>): Promise<Report> => {
    const before = processorTimes();
    const report = await work();
    const after = processorTimes();
    const micros = after.map((time, at) => (time - before[at]!) / writes);
    processor.push([
      `round ${round}: ${turn}`,
      ...[...micros, micros.reduce((sum, each) => sum + each, 0)].map((each) => each.toFixed(0)),
    ]);
    return report;
  };
  const processorTimes = (): number[] => [
    ...[byHand, load, store].map(({ pid }) => processorMicros(pid)),
    postgres.processorMicros() ?? Number.NaN,
  ];
  const rows: string[][] = [];
  const processor: string[][] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const object = `round_${round}`;
    await makeObject(store.url, object);
    await makeObject(store.url, `${object}_bulk`);
    const single = await spent("PATCH", round, () => through(object, false));
    const bulk = await spent("bulk", round, () => through(`${object}_bulk`, true));
    await ask(databaseUrl, "truncate plain");
    const plain = await spent("plain", round, () => hand("plain", CONNECTIONS));
    await ask(
      databaseUrl,
      "delete from records.record where object_id = (select id from records.object where key = 'by_hand')",
    );
    await ask(databaseUrl, "vacuum records.record");
    const own = await spent("own table", round, () => hand("store", CONNECTIONS));
    if (single.failed + bulk.failed > 0) throw new Error(`${single.failed + bulk.failed} writes failed`);
    // The first round is to warm up.
    if (round === 0) continue;
    const share = (rate: number, of: number) => (rate / of).toFixed(2);
    rows.push([
      `round ${round}`,
      plain.toFixed(0),
      own.toFixed(0),
      single.perSecond.toFixed(0),
      `${single.p50Ms.toFixed(1)} / ${single.p99Ms.toFixed(1)}`,
      bulk.perSecond.toFixed(0),
      share(single.perSecond, plain),
      share(single.perSecond, own),
      share(bulk.perSecond, plain),
      share(bulk.perSecond, own),
    ]);
  }
  print(
    `Writes: ${writes} upserts, each key twice; ${CONNECTIONS} connections, bulk jobs of 100 on ${BULK_CONNECTIONS}`,
    [
      "",
      "plain/s",
      "own table/s",
      "PATCH/s",
      "p50/p99 ms",
      "bulk rows/s",
      "PATCH/plain",
      "PATCH/own",
      "bulk/plain",
      "bulk/own",
    ],
    rows,
  );
  print(
    "Processor time of a write, in microseconds",
    ["", "loop by hand", "load", "store", "Postgres", "all"],
    processor.slice(TURNS),
  );
}

type ReadsOf = Pick<Writes, "store" | "load"> & { readonly databaseUrl: string; readonly records: number };

async function benchReads({ store, load, databaseUrl, records }: ReadsOf): Promise<void> {
  const object = "many";
  await makeObject(store.url, object);
  await seed(databaseUrl, object, records);
  await readAll({ store, load, object, records, turns: 200, scans: 20 });
}

/** Tried once: as many records as the minutes allow, then reads and writes among them, and the share of each table and index. */
async function benchMany({
  store,
  load,
  databaseUrl,
  records: most,
  minutes,
}: ReadsOf & { readonly minutes: number }): Promise<void> {
  const object = "many";
  await makeObject(store.url, object);
  const { records, sizes } = await fillUntil({ databaseUrl, object, most, minutes, say: tell });
  print(`Sizes with ${records} records`, ["", "MB", "seconds to make"], sizes);
  await readAll({ store, load, object, records, turns: 50, scans: 5 });
  const rows: string[][] = [];
  const writes = async (title: string, into: string, keys: number, bulk: boolean, connections: number) => {
    const order: Load = { url: store.url, token: TOKEN, object: into, connections, writes: 2_000, keys, bulk };
    const { perSecond, p50Ms, p99Ms, failed } = (await load.order(order, DEADLINE_MS)) as LoadReport;
    rows.push([title, perSecond.toFixed(0), p50Ms.toFixed(1), p99Ms.toFixed(1), String(failed)]);
  };
  await makeObject(store.url, "few");
  await writes("PATCH of one that is there, one at a time", object, records, false, 1);
  await writes("PATCH of a new one in another object, one at a time", "few", 2_000, false, 1);
  await writes(`PATCH of one that is there, ${CONNECTIONS} connections`, object, records - 1, false, CONNECTIONS);
  await writes("jobs of 100 that are there, 8 connections", object, records - 3, true, BULK_CONNECTIONS);
  print("Writes: 2000 upserts of each kind", ["", "records/s", "p50 ms", "p99 ms", "failed"], rows);
}

type ReadAll = Pick<Writes, "store" | "load"> & {
  readonly object: string;
  readonly records: number;
  readonly turns: number;
  readonly scans: number;
};

async function readAll({ store, load, object, records, turns, scans: fewTurns }: ReadAll): Promise<void> {
  const cursors = Array.from({ length: 50 }, (_, n) => {
    const id = `01${String(Math.floor((records * n) / 50)).padStart(24, "0")}`;
    return Buffer.from(JSON.stringify(["id", "", id])).toString("base64url");
  });
  const rows: string[][] = [];
  for (const { title, request, scans = false } of readsOf(object, records, cursors)) {
    const order = (count: number): Reads => {
      const requests = Array.from({ length: count }, (_, turn) => request(turn));
      return { url: store.url, token: TOKEN, connections: 1, requests };
    };
    await load.order(order(scans ? 1 : 10), DEADLINE_MS);
    const report = (await load.order(order(scans ? fewTurns : turns), DEADLINE_MS)) as LoadReport;
    rows.push([title, report.p50Ms.toFixed(1), report.p99Ms.toFixed(1), String(report.failed)]);
    tell(rows.at(-1)!.join("  "));
  }
  print(
    `Reads: ${records} records, ${turns} requests of each kind (${fewTurns} of those that look at every record), one at a time`,
    ["", "p50 ms", "p99 ms", "failed"],
    rows,
  );
}

function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function makeObject(url: string, key: string): Promise<void> {
  const post = async (path: string, body: object): Promise<void> => {
    const answer = await fetch(`${url}/api/v2/custom_objects${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (answer.status !== 201) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  };
  await post("", { custom_object: { key, title: key, title_pluralized: key } });
  for (const custom_object_field of FIELDS) await post(`/${key}/fields`, { custom_object_field });
}

function print(title: string, head: readonly string[], rows: readonly string[][]): void {
  const widths = head.map((text, at) => Math.max(text.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((text, at) => (at === 0 ? text.padEnd(widths[at]!) : text.padStart(widths[at]!))).join("  ");
  console.log(`${[title, line(head), ...rows.map(line)].join("\n")}\n`);
}
