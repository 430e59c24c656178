import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startRecords, type RunningRecords } from "@sluice/records";
import { createLog, openDatabase, systemClock, type Database } from "@sluice/runtime";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { layEmptyPostgres } from "../empty-postgres.ts";
import { bench, type Bench } from "./bench.ts";
import { runCheck } from "./check.ts";
import { SUITE } from "./suite.ts";

/** The store's own jobs are finished when they are answered: only a stand-in's jobs pile up. */
const WHERE_JOBS_TAKE_TIME: readonly string[] = ["JOB-01", "JOB-14"];

const ADMIN = "conformance-admin";
const AGENT = "conformance-agent";
const TOKENS = [
  { token: ADMIN, role: "admin", email: "admin@example.com" },
  { token: AGENT, role: "agent" },
] as const;
const LOG = createLog({ role: "records", level: "silent" });
const server = inject("databaseUrl");

const DATABASES: readonly (readonly [name: string, open: () => Promise<Opened>])[] = [
  ["PGlite", openEmbedded],
  ...(server === null ? [] : ([["Postgres", () => openOn(server)]] as const)),
];
const QUIRKS = [
  ["ends lists with null", { nextOnLastPage: false }],
  ["keeps links.next on the last page", { nextOnLastPage: true }],
] as const;

describe.each(DATABASES)("the store on %s", (_database, open) => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());

  describe.each(QUIRKS)("that %s", (_quirk, quirks) => {
    let running: RunningRecords;
    let on: Bench;
    let aheadMs = 0;
    beforeAll(async () => {
      const clock = { nowMs: () => Date.now() + aheadMs };
      running = await startRecords({ database: opened.database, tokens: TOKENS, port: 0, clock, log: LOG, quirks });
      const passTime = async (ms: number) => void (aheadMs += ms);
      const options = { url: running.url, auth: `admin@example.com/token:${ADMIN}`, agentAuth: AGENT, passTime };
      on = bench(options, `cf_${randomBytes(4).toString("hex")}`);
    });
    afterAll(async () => {
      expect(await on.clear()).toEqual([]);
      await running.close();
    });

    const checks = SUITE.filter(({ id }) => id !== "JOB-14");
    test.each(checks.map((check) => [check.id, check.says, check] as const))("%s %s", async (_id, _says, check) => {
      const { outcome, reason } = await runCheck(check, on);
      expect({ outcome, reason }).toEqual({ outcome: "passed", reason: undefined });
    });
  });
});

describe("the store that stands in for an account", () => {
  let opened: Opened;
  let running: RunningRecords;
  let on: Bench;
  beforeAll(async () => {
    opened = await openEmbedded();
    const unthrottled = { requestsPerMinute: 1_000_000, incrementalExportsPerMinute: 1_000_000 };
    const standIn = { plan: "enterprise-plus", ...unthrottled, jobQueuedMs: 60_000 } as const;
    const { database } = opened;
    running = await startRecords({ database, tokens: TOKENS, port: 0, clock: systemClock, log: LOG, standIn });
    on = bench({ url: running.url, auth: ADMIN }, `cf_${randomBytes(4).toString("hex")}`);
  });
  afterAll(async () => {
    await on.clear();
    await running.close();
    await opened.close();
  });

  const checks = SUITE.filter(({ id }) => WHERE_JOBS_TAKE_TIME.includes(id));
  test.each(checks.map((check) => [check.id, check.says, check] as const))("%s %s", async (_id, _says, check) => {
    const { outcome, reason } = await runCheck(check, on);
    expect({ outcome, reason }).toEqual({ outcome: "passed", reason: undefined });
  });
});

type Opened = { readonly database: Database; close(): Promise<void> };

async function openEmbedded(): Promise<Opened> {
  const dataDir = await mkdtemp(join(tmpdir(), "sluice-conformance-"));
  layEmptyPostgres(dataDir);
  const database = await openDatabase({ dataDir, log: LOG });
  return {
    database,
    async close() {
      await database.close();
      await rm(dataDir, { recursive: true });
    },
  };
}

async function openOn(url: string): Promise<Opened> {
  const name = `sluice_conformance_${randomBytes(6).toString("hex")}`;
  const admin = await openDatabase({ url, dataDir: "", log: LOG });
  await admin.query(`create database ${name}`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  const database = await openDatabase({ url: own.href, dataDir: "", log: LOG });
  return {
    database,
    async close() {
      await database.close();
      await admin.query(`drop database ${name}`);
      await admin.close();
    },
  };
}
