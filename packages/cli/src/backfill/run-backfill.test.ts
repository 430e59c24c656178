import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Backfill, IntakeWebhook, Queue } from "@sluice/queue";
import { readConfiguration } from "@sluice/runtime";
import { journalOf } from "../transfer/journal.ts";
import { readRows } from "../transfer/source-row.ts";
import { assertVersioned, webhookOf } from "./file-rows.ts";
import { runBackfill, type BackfillState } from "./run-backfill.ts";

const CONFIGURATION = readConfiguration(
  `
sources:
  erp:
    scheme: generic-hmac
    secrets: ["s"]
    records: [{ destination: crm, object: customer, external_id: data.id, version: data.version, fields: { tier: data.tier } }]
destinations:
  crm: { kind: zendesk, url: "http://127.0.0.1:9", auth: { bearer: x } }
`,
  { path: "sluice.yaml", env: {} },
);
const SOURCE = CONFIGURATION.sources.get("erp")!;
const RULES = { file: "c.csv", run: 7, type: "t", time: undefined, asOfMicros: 1_000_000, session: 3 };

function fileOf(text: string, name = "c.csv"): string {
  const folder = mkdtempSync(join(tmpdir(), "sluice-backfill-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** An intake that takes webhooks until it fails at an addition. */
function intakeOf(failsAt = Infinity): { readonly queue: Pick<Queue, "intake">; readonly taken: IntakeWebhook[] } {
  const taken: IntakeWebhook[] = [];
  let additions = 0;
  const backfill: Backfill = {
    room: async () => 50,
    session: async () => 3,
    async add(webhooks) {
      additions += 1;
      taken.push(...webhooks);
      // The addition arrived, and its answer did not.
      if (additions === failsAt) throw new Error("Redis is away");
    },
    waiting: async () => 0,
  };
  return { queue: { intake: { backfill } } as unknown as Pick<Queue, "intake">, taken };
}

async function run(path: string, state: BackfillState, { queue }: ReturnType<typeof intakeOf>): Promise<BackfillState> {
  return await runBackfill(queue, {
    rows: readRows(path, "csv", state),
    source: SOURCE,
    configuration: CONFIGURATION,
    state,
    journal: journalOf<BackfillState>(`${path}.backfill.json`),
    rejectsPath: `${path}.rejected.ndjson`,
    onProgress() {},
  });
}

test("a backfill that is broken off goes on from its journal: rows that come twice have the same ids, and none is missing", async () => {
  const rows = Array.from({ length: 400 }, (_, at) => `c-${at},${at},gold`);
  const path = fileOf(`id,version,tier\n${rows.join("\n")}\nonly,two\n`);
  const { session: _session, ...rules } = RULES;
  const begun: BackfillState = { ...rules, source: "erp", offset: 0, line: 0, taken: 0, rejected: 0 };
  const first = intakeOf(5);
  await expect(run(path, begun, first)).rejects.toThrow("away");
  const state = journalOf<BackfillState>(`${path}.backfill.json`).read()!;
  expect(state).toMatchObject({ run: 7, taken: 128 });
  const second = intakeOf();
  expect(await run(path, state, second)).toMatchObject({ taken: 400, rejected: 1 });
  const ids = [...first.taken, ...second.taken].flatMap((webhook) => webhook.ids);
  expect(new Set(ids)).toEqual(new Set(rows.map((_, at) => `c.csv:7:${at + 2}`)));
  expect(journalOf(`${path}.backfill.json`).read()).toBeUndefined();
  expect(readFileSync(`${path}.rejected.ndjson`, "utf8")).toContain("has 2 columns, the header has 3");
});

test("a row is an event of its source: columns with dots are members of members, and it counts as having come in when the file was true", () => {
  const row = {
    line: 4,
    endsAt: 0,
    values: { id: "7", "address.city": "Ulm", "address.zip": "89073", at: "2026-11-01T08:00:00Z" },
  };
  const webhook = webhookOf(row, { ...RULES, time: "at" });
  expect(webhook).toMatchObject({ arrival: { micros: 1_000_004, session: 3 }, ids: ["c.csv:7:4"] });
  if ("reason" in webhook) throw new Error(webhook.reason);
  expect(JSON.parse(webhook.kept.body)).toEqual({
    id: "c.csv:7:4",
    type: "t",
    time: "2026-11-01T08:00:00Z",
    data: { id: "7", address: { city: "Ulm", zip: "89073" }, at: "2026-11-01T08:00:00Z" },
  });
  expect(webhookOf({ ...row, values: { id: "7" } }, { ...RULES, time: "at" })).toEqual({
    reason: 'has no time in "at"',
  });
});

test("rows of a mapping without versions are refused unless somebody says when the file was true", () => {
  expect(() => assertVersioned([{ object: "customer", version: { kind: "integer", value: 1n } }])).not.toThrow();
  expect(() => assertVersioned([{ object: "customer", version: null }])).toThrow(/no version/);
});
