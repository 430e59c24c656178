import { randomBytes } from "node:crypto";
import { openHistory, type EventRow, type History } from "@sluice/history";
import { createLog, openDatabase } from "@sluice/runtime";
import { expect, onTestFinished, test, vi } from "vitest";
import { startFleet, type Fleet } from "../fleet.ts";
import { fillDisk, findPostgres, mayMount, mountDisk, startRealPostgres, type RealPostgres } from "../real-postgres.ts";

/*
 * The history's database is a Postgres in processes of its own, which is killed, started again and left without room under the flow. The
 * embedded one of test/e2e/history.test.ts is told to be away; this one is.
 */
const programs = findPostgres();
const hasDisk = programs !== null && mayMount();
if (programs === null) console.log("No Postgres is installed: the history on a Postgres that is killed was not tried.");
else if (!hasDisk) console.log("No disk may be mounted: the history on a full one was not tried.");

type Archived = { readonly fleet: Fleet; readonly history: History; readonly postgres: RealPostgres };

async function open(workers: number, mount?: (folder: string) => void): Promise<Archived> {
  const postgres = await startRealPostgres(programs!, mount === undefined ? {} : { mount });
  onTestFinished(async () => await postgres.close());
  const log = createLog({ role: "test", level: "silent" });
  const history = openHistory({
    open: async () => await openDatabase({ url: postgres.url, dataDir: "", log }),
    isOwn: true,
  });
  onTestFinished(async () => await history.close());
  const limits = { keepMs: 86_400_000, sizeBytes: 1e10 };
  const fleet = await startFleet({ workers, history: { history, limits } });
  onTestFinished(async () => await fleet.close());
  return { fleet, history, postgres };
}

/** Sends an event, of which the door says that it is stored. @param bytes of text that nothing can compress, in the body */
async function store({ fleet }: Archived, number: number, bytes: number): Promise<void> {
  const memo = randomBytes(bytes).toString("base64");
  const data = { id: number % 7, name: `n${number % 7}`, version: number, tier: `t${number}`, memo };
  expect((await fleet.store({ id: `e-${number}`, type: "customer.updated", data })).status).toBe(202);
}

/** Waits until all is written to the destination, which is all that the flow has to do. */
async function flowEnds({ fleet }: Archived, sent: number): Promise<void> {
  const { accepted } = await fleet.drained();
  expect(accepted).toBe(sent);
}

/** A metric's values of all workers. */
async function sumOf({ fleet }: Archived, series: string): Promise<number> {
  const texts = await Promise.all(fleet.workers.map(async (url) => await (await fetch(`${url}/metrics`)).text()));
  const values = texts.map((text) => text.split("\n").find((line) => line.startsWith(`${series} `)));
  return values.reduce((sum, line) => sum + Number(line?.split(" ")[1] ?? 0), 0);
}

const WAITING = 'sluice_history_waiting{what="items"}';
const LEFT_OUT = 'sluice_history_left_out_total{what="events"}';

async function allEvents(history: History): Promise<readonly EventRow[]> {
  const items: EventRow[] = [];
  for (let before = null as Parameters<History["findEvents"]>[1]["before"]; ;) {
    const page = await history.findEvents({}, { limit: 20, before });
    items.push(...page.items);
    if (page.next === null) return items;
    before = page.next;
  }
}

/** Waits until nothing waits to be archived any more. */
async function caughtUp(archived: Archived): Promise<void> {
  await expect.poll(async () => await sumOf(archived, WAITING), { timeout: 120_000 }).toBe(0);
}

const isOpen = ({ outcome }: EventRow): boolean => outcome === "pending" || outcome === "unknown";

test.skipIf(programs === null)(
  "a transaction whose Postgres is killed between two statements fails, and the process goes on",
  async () => {
    const postgres = await startRealPostgres(programs!);
    onTestFinished(async () => await postgres.close());
    const log = createLog({ role: "test", level: "silent" });
    const database = await openDatabase({ url: postgres.url, dataDir: "", log });
    onTestFinished(async () => await database.close());
    const cut = database.transaction(async (tx) => {
      await tx.query("select 1");
      await postgres.kill();
      // The end of the connection is heard before anything is asked of it.
      await vi.waitUntil(
        async () =>
          await tx.query("select 1").then(
            () => false,
            () => true,
          ),
        { timeout: 60_000 },
      );
      await tx.query("select 1");
    });
    await expect(cut).rejects.toThrow(/Connection|connection|ECONNRESET|queryable/);
    await postgres.start();
    expect(await database.query("select 1 as one")).toEqual([{ one: 1 }]);
  },
);

test.skipIf(programs === null)(
  "a Postgres that is killed and started again under load: the flow goes on, the history lags, and then has everything",
  async () => {
    const archived = await open(2);
    const { fleet, history, postgres } = archived;
    const sent = 200;
    for (let number = 1; number <= sent; number += 1) {
      if (number === 100) await postgres.kill();
      await store(archived, number, 100);
    }
    await flowEnds(archived, sent);
    expect(await sumOf(archived, WAITING)).toBeGreaterThan(0);
    await expect(allEvents(history)).rejects.toMatchObject({ code: "history_away" });

    const restarted = postgres.start();
    for (let number = sent + 1; number <= sent + 60; number += 1) await store(archived, number, 100);
    await restarted;
    await flowEnds(archived, sent + 60);
    await caughtUp(archived);
    // A busy machine may not have the time to read all flights of a page at once.
    await expect.poll(async () => (await allEvents(history)).filter(isOpen), { timeout: 120_000 }).toEqual([]);
    const rows = await allEvents(history);
    expect(rows.map(({ id }) => id).toSorted()).toEqual(
      Array.from({ length: sent + 60 }, (_, at) => `e-${at + 1}`).toSorted(),
    );
    const { outcomes } = await fleet.numbers();
    for (const outcome of ["applied", "merged", "superseded"]) {
      expect([outcome, rows.filter((row) => row.outcome === outcome).length]).toEqual([
        outcome,
        outcomes[outcome] ?? 0,
      ]);
    }
    expect(await sumOf(archived, LEFT_OUT)).toBe(0);
    expect(await history.gaps(0, Date.now())).toEqual([]);
  },
);

test.skipIf(programs === null)(
  "of more than may wait for a Postgres that is away, what is left out is counted, and told as a gap",
  async () => {
    const archived = await open(1);
    const { history, postgres } = archived;
    await postgres.kill();
    // 32 MB may wait.
    const sent = 48;
    for (let number = 1; number <= sent; number += 1) await store(archived, number, 650_000);
    await flowEnds(archived, sent);
    const leftOut = await sumOf(archived, LEFT_OUT);
    expect(leftOut).toBeGreaterThan(0);
    expect(leftOut).toBeLessThan(sent / 2);

    await postgres.start();
    await caughtUp(archived);
    const ids = (await allEvents(history)).map(({ id }) => id);
    expect(ids.length).toBe(sent - leftOut);
    expect(new Set(ids).size).toBe(ids.length);
    const gaps = await history.gaps(0, Date.now());
    expect(gaps.join("\n")).toContain(`${leftOut} events and`);
  },
);

test.skipIf(!hasDisk)(
  "a Postgres whose disk is full: the flow goes on, the history lags, and has everything once there is room",
  async () => {
    const archived = await open(1, (folder) => mountDisk(folder, 128));
    const { history, postgres } = archived;
    await store(archived, 1, 100);
    await caughtUp(archived);
    const makeRoom = fillDisk(postgres.folder);
    const sent = 80;
    // A page that it has already may take a few: these need new ones.
    for (let number = 2; number <= sent; number += 1) await store(archived, number, 50_000);
    await flowEnds(archived, sent);
    expect(await sumOf(archived, WAITING)).toBeGreaterThan(0);
    expect((await allEvents(history).catch(() => [])).length).toBeLessThan(sent);

    makeRoom();
    // It may have ended, where its log found no room.
    await postgres.start();
    await caughtUp(archived);
    const rows = await allEvents(history);
    expect(rows.length).toBe(sent);
    expect(await sumOf(archived, LEFT_OUT)).toBe(0);
  },
);
