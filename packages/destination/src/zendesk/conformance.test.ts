import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startRecords, type RunningRecords } from "@sluice/records";
import { createLog, openDatabase, systemClock, type Database } from "@sluice/runtime";
import { afterAll, beforeAll, inject } from "vitest";
import { conforms, type Subject } from "../conformance.fixture.ts";
import { kindOf } from "../registry.ts";
import { createZendeskClient, type ZendeskClient } from "./client.ts";
import { ensureObject } from "./ensure-object.ts";
import { ownTokenStore } from "./authorization/own-token-store.ts";

const TOKEN = "token-of-the-store";
const log = createLog({ role: "test", level: "silent" });
let folder: string;
let database: Database;
let records: RunningRecords;
let client: ZendeskClient;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sluice-conforms-"));
  cpSync(inject("emptyPostgres"), join(folder, "postgres"), { recursive: true });
  database = await openDatabase({ dataDir: folder, log });
  const standIn = { plan: "enterprise", jobQueuedMs: 200, jobWorkingMs: 5, requestsPerMinute: 100_000 } as const;
  const tokens = [{ token: TOKEN, role: "admin" }] as const;
  records = await startRecords({ database, tokens, port: 0, clock: systemClock, log, standIn });
  client = createZendeskClient({ url: records.url, auth: { bearer: TOKEN }, concurrency: 1, timeoutMs: 20_000 });
  await ensureObject(client, {
    key: "customer",
    title: "Customer",
    titlePluralized: "Customers",
    uniqueNames: false,
    fields: new Map([
      ["tier", { key: "tier", type: "text", title: "Tier", options: new Map() }],
      ["balance", { key: "balance", type: "integer", title: "Balance", options: new Map() }],
    ]),
  });
});
afterAll(async () => {
  await client.close();
  await records.close();
  await database.close();
  rmSync(folder, { recursive: true });
});

const FAULTS = {
  "busy for 7 s": { status: 429, retryAfter: 7 },
  down: { status: 500 },
  "answer lost before": { drop: "before" },
  "answer lost after": { drop: "after commit" },
} as const;

conforms((): Subject => ({
  open({ credentials, nobodyListens } = {}) {
    return kindOf("zendesk").open({
      url: nobodyListens === true ? "http://127.0.0.1:1" : records.url,
      auth: { bearer: credentials === "wrong" ? "another" : TOKEN },
      concurrency: 2,
      timeoutMs: 20_000,
      tokenStore: ownTokenStore,
      warn: () => {},
    });
  },
  object: "customer",
  async stored(key) {
    const path = `custom_objects/customer/records?filter%5Bexternal_ids%5D=${encodeURIComponent(key)}`;
    const { body } = await client.ask("GET", path, null);
    const { custom_object_records: found } = body as {
      readonly custom_object_records: readonly { readonly custom_object_fields: Readonly<Record<string, unknown>> }[];
    };
    return found[0]?.custom_object_fields ?? null;
  },
  async meet(mood) {
    const response = await fetch(`${records.url}/__control/faults`, {
      method: "POST",
      headers: { authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify({ path: "/records", ...FAULTS[mood] }),
    });
    if (!response.ok) throw new Error(`no fault: ${response.status} ${await response.text()}`);
  },
}));
