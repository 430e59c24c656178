import { randomUUID } from "node:crypto";
import { cpSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, onTestFinished, test } from "vitest";
import { hashedName, openHistory } from "@sluice/history";
import { openQueue, type DeadLetter, type Queue } from "@sluice/queue";
import type { MappedEvent } from "@sluice/record";
import { createLog, createRegistry, openDatabase, readConfiguration, type Database } from "@sluice/runtime";
import { fileLetters, mayFileIn } from "./file-letters.ts";

const FILE = `
sources:
  erp: { scheme: generic-hmac, secrets: [s], records: [{ destination: crm, object: customer, external_id: id, fields: { a: a } }] }
  shop:
    scheme: generic-hmac
    secrets: [s]
    redact: [contact.email]
    records: [{ destination: crm, object: order, external_id: id, fields: { a: a } }]
destinations:
  crm: { kind: zendesk, url: "http://127.0.0.1:9", auth: { bearer: x } }
`;
const configuration = readConfiguration(FILE, { path: "sluice.yaml", env: {} });

/** A queue whose letters have 3 MB of room, and a history that may be away; letters of 50 kB. */
async function openPlace(keys: readonly Uint8Array[] = []) {
  const dataDir = mkdtempSync(join(inject("folder"), "filing-"));
  cpSync(inject("emptyPostgres"), join(dataDir, "postgres"), { recursive: true });
  const log = createLog({ role: "test", level: "silent" });
  const database = await openDatabase({ dataDir, log });
  onTestFinished(async () => await database.close());
  let isAway = false;
  const open = async (): Promise<Database> => {
    if (isAway) throw new Error("connection refused");
    return await Promise.resolve(database);
  };
  const history = openHistory({ open, isOwn: false, keys });
  const queue = await openQueue({
    redisUrl: inject("redisUrl"),
    kind: "worker",
    destinations: ["crm"],
    dedupeWindowMs: 86_400_000,
    orderingHorizonMs: 86_400_000,
    namespace: `filing-${randomUUID()}`,
    memoryBudget: { bytes: 48 * 1024 * 1024 },
    onError() {},
  });
  onTestFinished(async () => await queue.close());
  const registry = createRegistry();
  const start = (): void => {
    const filing = fileLetters({ place: { history }, registry, queue, configuration: () => configuration, log });
    onTestFinished(() => filing.close());
  };
  const dropped = async (): Promise<string | undefined> =>
    /^sluice_dead_letters_dropped_total\{source="erp"\} (\d+)/m.exec(await registry.metrics())?.[1];
  return {
    queue,
    history,
    database,
    dropped,
    start,
    away: (now: boolean) => void (isAway = now),
  };
}

let micros = Date.now() * 1000;
async function fail({ merging }: Queue, source: string, count: number): Promise<void> {
  const events = Array.from({ length: count }, (): MappedEvent => {
    micros += 1;
    return {
      event: {
        id: `e${micros}`,
        type: "t",
        time: null,
        source,
        data: { secret: "ada@example.com".repeat(3300) },
        headers: {},
      },
      rank: 0,
      arrival: { micros, session: 1 },
      run: 0,
      changes: [],
      faults: [
        { destination: "crm", object: "customer", code: "mapping_failed", place: "p", expression: "x", message: "no" },
      ],
    };
  });
  await merging.merge(events);
}

const shareOf = ({ letters }: Queue, source: string): number => letters.shares.get(source) ?? 0;
const filedOf = async ({ letters }: Queue): Promise<number> =>
  (await letters.filed.counts()).reduce((sum, each) => sum + each.letters, 0);
const deadRecords = async (queue: Queue): Promise<number> => (await queue.lane("crm").numbers()).deadRecords;

test("while the history is away letters fill their room, and leave it by themselves once it is back", async () => {
  const { queue, start, away } = await openPlace();
  away(true);
  start();
  await fail(queue, "erp", 70);
  await expect.poll(() => shareOf(queue, "erp")).toBeGreaterThan(1);
  away(false);
  await expect.poll(() => shareOf(queue, "erp")).toBeLessThan(0.3);
  expect(await deadRecords(queue)).toBe(70);
  const counts = await queue.letters.filed.counts();
  expect(counts).toMatchObject([{ destination: "crm", source: "erp" }]);
  expect(counts[0]!.letters).toBeGreaterThan(40);
});

test("letters of a source with `redact` never leave, and their room bounds them", async () => {
  const { queue, start, database } = await openPlace();
  start();
  await fail(queue, "shop", 70);
  await fail(queue, "erp", 70);
  await expect.poll(async () => await filedOf(queue)).toBeGreaterThan(40);
  await expect.poll(() => shareOf(queue, "shop")).toBeGreaterThan(1);
  const rows = await database.query("select 1 from sluice_history.dead_letters where source = $1", [
    hashedName("source", "shop"),
  ]);
  expect(rows).toEqual([]);
});

test("with keys nothing of a letter can be read in the database, and one that was changed there is not told", async () => {
  const { queue, start, database, history } = await openPlace([Buffer.alloc(32, 7)]);
  start();
  await fail(queue, "erp", 70);
  await expect.poll(async () => await filedOf(queue)).toBeGreaterThan(40);
  // All that has left Redis is good in the history.
  await expect.poll(async () => (await queue.letters.filed.rows()).left).toEqual([]);
  const [row] = await database.query<{ bodies: string; rest: string }>(
    `select string_agg(encode(body, 'escape'), '') as bodies, string_agg((to_jsonb(d) - 'body')::text, '') as rest
     from sluice_history.dead_letters as d`,
  );
  for (const word of ["ada@", "mapping_failed", "customer", "crm", "erp"]) expect(row!.rest).not.toContain(word);
  // Three letters come about by chance.
  for (const word of ["ada@", "mapping_failed", "customer"]) expect(row!.bodies).not.toContain(word);
  const standing = { left: [], back: [], ids: [] };
  const asked = { by: "kept", before: null, limit: 100 } as const;
  const { letters } = await history.letters.page({ source: "erp" }, standing, asked);
  expect(letters.length).toBeGreaterThan(40);
  const [one, other] = letters;
  await database.query(
    "update sluice_history.dead_letters set body = (select body from sluice_history.dead_letters where number = $1) where number = $2",
    [one!.row, other!.row],
  );
  // More may have left meanwhile.
  const after = (await history.letters.page({ source: "erp" }, standing, asked)).letters.map(({ row: each }) => each);
  const rest = letters.map(({ row: each }) => each).filter((each) => each !== other!.row);
  expect(after).toEqual(expect.arrayContaining(rest));
  expect(after).not.toContain(other!.row);
});

test("letters that go with their day are counted no more, and told", async () => {
  const { queue, start, database, dropped } = await openPlace();
  start();
  await fail(queue, "erp", 70);
  // A fifth of the room stays: twelve letters.
  const filed = 58;
  await expect.poll(async () => await filedOf(queue)).toBe(filed);
  const [day] = await database.query<{ name: string }>(
    "select inhrelid::regclass::text as name from pg_inherits where inhparent = 'sluice_history.dead_letters'::regclass",
  );
  await database.script(`drop table ${day!.name}`);
  await expect.poll(dropped).toBe(String(filed));
  expect(await deadRecords(queue)).toBe(70 - filed);
});

test.each<[string, Partial<DeadLetter>, boolean]>([
  ["of a source", { id: "e_1", events: [{ source: "erp", id: "1" }] }, true],
  ["of a source with `redact`", { id: "e_1", events: [{ source: "shop", id: "1" }] }, false],
  ["of a source that is not configured any more", { id: "e_1", events: [{ source: "gone", id: "1" }] }, false],
  [
    "of both",
    {
      events: [
        { source: "erp", id: "1" },
        { source: "shop", id: "1" },
      ],
    },
    false,
  ],
  [
    "whose answer may repeat what another source hides",
    { object: "order", events: [{ source: "erp", id: "1" }] },
    false,
  ],
  ["whose answer may repeat nothing hidden", { events: [{ source: "erp", id: "1" }] }, true],
  [
    "of an unreadable job, whose webhooks nobody knows",
    { id: "j_1", destination: "intake", object: "job", events: [] },
    false,
  ],
  ["of a webhook without events", { id: "w_1", destination: "intake", object: "erp", events: [] }, true],
])("a letter %s may stand in the history: %#", (_, letter, may) => {
  const { letter: mayFile } = mayFileIn(() => configuration);
  const whole = { id: "r".repeat(22), destination: "crm", object: "customer", ...letter } as DeadLetter;
  expect(mayFile(whole)).toBe(may);
});
