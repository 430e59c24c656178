import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openQueue, recordId, type Claim, type Queue } from "@sluice/queue";
import { findRedis } from "@sluice/runtime";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { freePort, startSluice, type SluiceProcess } from "../sluice-process.ts";
import { runCommand, type Ended } from "../sluice-commands.ts";

/**
 * Two destinations that change behind Sluice's back, a records store of its own and a stand-in for Zendesk, as somebody finds and mends it who
 * runs `sluice up` and its commands.
 */
const folder = mkdtempSync(join(tmpdir(), "sluice-reconcile-"));
const SECRET = "hush-hush-hush-hush";
const TOKEN = "token-of-both-stores";
const CUSTOMERS = 130;
const PLACES = { crm: "", zendesk: "" };
type Place = keyof typeof PLACES;
let env: Record<string, string>;
let up: SluiceProcess;
let standIn: SluiceProcess;
let queue: Queue;
let version = 0;

function configuration(): string {
  const row = (destination: Place): string => `
      - when: type = "customer.updated"
        destination: ${destination}
        object: customer
        external_id: data.id
        name: data.id
        version: data.version
        fields: { tier: data.tier, city: data.city }
      - when: type = "customer.deleted"
        destination: ${destination}
        object: customer
        external_id: data.id
        version: data.version
        delete: true`;
  const to = (url: string): string =>
    `{ kind: zendesk, url: "${url}", auth: { bearer: "${TOKEN}" }, requests_per_minute: 12000, batch: 1 }`;
  return `
sources:
  erp:
    scheme: { generic-hmac: { header: x-erp-signature, algorithm: sha256, encoding: hex } }
    secrets: ["${SECRET}"]
    records:${row("crm")}${row("zendesk")}
destinations:
  crm: ${to(PLACES.crm)}
  zendesk: ${to(PLACES.zendesk)}
objects:
  customer:
    title: Customer
    title_pluralized: Customers
    fields: { tier: { type: text, title: Tier }, city: { type: text, title: City } }
`;
}

async function send(id: string, fields: object | null): Promise<void> {
  version += 1;
  const type = fields === null ? "customer.deleted" : "customer.updated";
  const body = JSON.stringify({ event_id: `e-${version}`, type, id, version, ...fields });
  const signature = createHmac("sha256", SECRET).update(body).digest("hex");
  const headers = { "content-type": "application/json", "x-erp-signature": signature };
  const url = `http://127.0.0.1:${env["SLUICE_INGRESS_PORT"]}/webhooks/erp`;
  expect((await fetch(url, { method: "POST", headers, body })).status).toBe(202);
}

/** Somebody else's request to a destination, past Sluice. */
async function byHand(place: Place, method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(`${PLACES[place]}${path}`, {
    method,
    headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect([response.status, await (response.ok ? "" : response.text())]).toEqual([expect.any(Number), ""]);
  return response.status === 204 ? null : await response.json();
}

const recordOf = (id: string): string => `/api/v2/custom_objects/customer/records?external_id=${id}`;

async function edit(place: Place, id: string, fields: object): Promise<void> {
  await byHand(place, "PATCH", recordOf(id), { custom_object_record: { custom_object_fields: fields } });
}

type Listed = { external_id: string; custom_object_fields: { tier: string; city: string | null } };

/** Each customer's tier and city at a destination. */
async function customers(place: Place): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (let path: string | null = "/api/v2/custom_objects/customer/records?page[size]=100"; path !== null;) {
    const page = (await byHand(place, "GET", path)) as {
      custom_object_records: Listed[];
      links: { next: string | null };
      meta: { has_more: boolean };
    };
    for (const { external_id: id, custom_object_fields: fields } of page.custom_object_records) {
      found[id] = `${fields.tier} ${fields.city}`;
    }
    const next: string | null = page.meta.has_more ? page.links.next : null;
    path = next === null ? null : `${new URL(next).pathname}${new URL(next).search}`;
  }
  return found;
}

async function sluice(...words: string[]): Promise<Ended> {
  return await runCommand(words, env);
}

async function reconcile(place: Place, ...words: string[]) {
  const { printed, output, code } = await sluice("reconcile", place, "--json", ...words);
  const found = JSON.parse(printed || output);
  const findings = (found.report.findings as Finding[]).map(({ record, finding, fields, ...more }) => ({
    key: record.key,
    finding,
    fields: fields.map(({ field, confirmed, found: there }) => `${field}: ${String(confirmed)} → ${String(there)}`),
    ...more,
  }));
  return { ...found, findings: findings.toSorted((a, b) => (a.key < b.key ? -1 : 1)), code };
}

type Finding = {
  readonly record: { readonly key: string };
  readonly finding: string;
  readonly fields: readonly { readonly field: string; readonly confirmed: unknown; readonly found: unknown }[];
  readonly isDoubtful: boolean;
  readonly isEditedThere: boolean | null;
  readonly repair: string;
};

/** Everything that came in is understood and written. Redis is asked: a command costs many times as much, each time it looks. */
async function settled(): Promise<void> {
  const waits = async (): Promise<boolean> => {
    const { waiting, active, delayed } = (await queue.intake.numbers()).jobs;
    const lanes = (Object.keys(PLACES) as Place[]).map(async (place) => await queue.lane(place).numbers());
    return (
      waiting + active + delayed > 0 || (await Promise.all(lanes)).some(({ pendingRecords }) => pendingRecords > 0)
    );
  };
  await vi.waitUntil(async () => !(await waits()), { timeout: 120_000, interval: 50 });
}

/** The history has everything that came in, about a second behind. */
async function archived(): Promise<void> {
  const has = async (): Promise<boolean> =>
    (await sluice("events", "--event", `e-${version}`, "--outcome", "applied", "--json")).printed.includes(
      `"e-${version}"`,
    );
  await vi.waitUntil(has, { timeout: 120_000, interval: 200 });
}

beforeAll(async () => {
  const standInEnv = {
    SLUICE_DATA_DIR: join(folder, "stand-in"),
    SLUICE_RECORDS_PORT: String(await freePort()),
    SLUICE_RECORDS_TOKEN: TOKEN,
  };
  env = {
    SLUICE_CONFIG: join(folder, "sluice.yaml"),
    SLUICE_DATA_DIR: join(folder, "data"),
    SLUICE_INGRESS_PORT: String(await freePort()),
    SLUICE_WORKER_PORT: "0",
    SLUICE_CONSOLE_PORT: String(await freePort()),
    SLUICE_RECORDS_PORT: String(await freePort()),
    SLUICE_RECORDS_TOKEN: TOKEN,
  };
  PLACES.crm = `http://127.0.0.1:${env["SLUICE_RECORDS_PORT"]}`;
  PLACES.zendesk = `http://127.0.0.1:${standInEnv.SLUICE_RECORDS_PORT}`;
  writeFileSync(env["SLUICE_CONFIG"]!, configuration());
  standIn = startSluice(["records", "--as-zendesk", "enterprise-plus"], { ...env, ...standInEnv });
  up = startSluice(["up", "--no-samples"], env);
  await standIn.ready(Number(standInEnv.SLUICE_RECORDS_PORT));
  await up.ready(Number(env["SLUICE_CONSOLE_PORT"]));
  await byHand("zendesk", "PATCH", "/__control/settings", { requestsPerMinute: 100_000 });
  queue = await openQueue({
    redisUrl: (await findRedis(env["SLUICE_DATA_DIR"]!))!,
    kind: "command",
    destinations: ["crm", "zendesk"],
    dedupeWindowMs: 86_400_000,
    orderingHorizonMs: 86_400_000,
    onError() {},
  });
  expect((await sluice("config", "check", "--create")).code).toBe(0);
  for (let at = 0; at < CUSTOMERS; at += 1) await send(`c-${at}`, { tier: `t${at}`, city: "Ulm" });
  // A field that was cleared, an older value, and a record that was deleted are as confirmed as any other.
  await send("c-3", { city: null });
  await send("c-4", null);
  await settled();
  await archived();
});
afterAll(async () => {
  await queue?.close();
  await up?.end("SIGTERM");
  await standIn?.end("SIGTERM");
  rmSync(folder, { recursive: true, force: true });
});

test("where the destinations show what they confirmed, nothing is found, and nothing is written", async () => {
  for (const place of ["crm", "zendesk"] as const) {
    const before = await customers(place);
    const { state, report, code } = await reconcile(place);
    expect({ state, code, compared: report.compared, same: report.same, skipped: report.skipped }).toEqual({
      state: "done",
      code: 0,
      compared: CUSTOMERS,
      same: CUSTOMERS,
      skipped: { pending: 0, dead: 0, unasked: 0, unknown: 0 },
    });
    expect(await customers(place)).toEqual(before);
  }
  const metrics = await (await fetch(`http://127.0.0.1:${env["SLUICE_CONSOLE_PORT"]}/metrics`)).text();
  for (const place of ["crm", "zendesk"] as const) {
    // A hundred in each request.
    expect(metrics).toContain(
      `sluice_destination_requests_total{destination="${place}",kind="read",status="200"} ${Math.ceil(CUSTOMERS / 100)}\n`,
    );
    expect(metrics).toContain(`sluice_reconcile_records_total{destination="${place}"} ${CUSTOMERS}\n`);
  }
});

test.each([
  // The clock of the stand-in can go ahead, so that an edit is later than our own write for certain.
  ["crm", expect.any(Boolean)],
  ["zendesk", true],
] as const)(
  "at %s, records that were deleted, edited or put back behind Sluice's back are found, and a repair mends just those",
  async (place, edited) => {
    const before = await customers(place);
    if (place === "zendesk") await byHand(place, "POST", "/__control/clock", { advanceMs: 60_000 });
    await byHand(place, "DELETE", recordOf("c-1"));
    await edit(place, "c-2", { tier: "by hand" });
    await edit(place, "c-3", { city: "Bonn" });
    await byHand(place, "POST", "/api/v2/custom_objects/customer/records", {
      custom_object_record: { name: "c-4", external_id: "c-4", custom_object_fields: { tier: "again" } },
    });
    await edit(place, "c-5", { tier: "an older value" });
    const id = recordId("customer", { by: "external_id", value: "c-5" });
    await queue.lane(place).doubt({ id } as Claim);

    const found = (repair: string) => [
      { key: "c-1", finding: "missing", fields: [], isDoubtful: false, isEditedThere: null, repair, unknown: [] },
      {
        key: "c-2",
        finding: "different",
        fields: ["tier: t2 → by hand"],
        isDoubtful: false,
        isEditedThere: edited,
        repair,
        unknown: [],
      },
      {
        key: "c-3",
        finding: "different",
        fields: ["city: null → Bonn"],
        isDoubtful: false,
        isEditedThere: edited,
        repair,
        unknown: [],
      },
      {
        key: "c-4",
        finding: "returned",
        fields: [],
        isDoubtful: false,
        isEditedThere: edited,
        repair: repair === "none" ? repair : "returned",
        unknown: [],
      },
      {
        key: "c-5",
        finding: "different",
        fields: ["tier: t5 → an older value"],
        isDoubtful: true,
        isEditedThere: null,
        repair,
        unknown: [],
      },
    ];
    const told = await reconcile(place);
    expect(told.findings).toEqual(found("none"));
    expect([told.code, told.report.compared, told.report.found]).toEqual([
      1,
      CUSTOMERS,
      { missing: 1, different: 3, returned: 1 },
    ]);

    const writes = await applied(place);
    const mended = await reconcile(place, "--repair");
    expect(mended.findings).toEqual(found("mended"));
    // The record that came back is left to a person.
    expect(mended.code).toBe(1);
    expect(await customers(place)).toEqual({ ...before, "c-4": "again null" });
    expect(await applied(place)).toBe(writes + 4);
    expect((await sluice("audit")).code).toBe(0);
    await byHand(place, "DELETE", recordOf("c-4"));
    const again = await reconcile(place);
    expect([again.code, again.findings, again.report.doubtful]).toEqual([0, [], 0]);
    expect((await queue.lane(place).numbers()).doubtfulRecords).toBe(0);
  },
);

test("a repair beside live writes mends what nobody writes, and never puts back an older value", async () => {
  const gone = Array.from({ length: 20 }, (_, at) => `c-${10 + at}`);
  for (const id of gone) await byHand("crm", "DELETE", recordOf(id));
  for (let at = 0; at < 20; at += 1) await edit("crm", `c-${40 + at}`, { tier: "by hand" });
  const expected = new Map<string, string>();
  const live = async (): Promise<void> => {
    for (let round = 0; round < 6; round += 1) {
      for (let at = 5; at < 60; at += 2) {
        expected.set(`c-${at}`, `r${round} Ulm`);
        await send(`c-${at}`, { tier: `r${round}` });
      }
    }
  };
  const [mended] = await Promise.all([reconcile("crm", "--repair"), live()]);
  expect(mended.state).toBe("done");
  await settled();
  await archived();
  // The first reconcile left records alone that were on their way in the end: the second one compares them.
  const rest = await reconcile("crm", "--repair");
  expect(rest.code).toBe(0);
  const shown = await customers("crm");
  for (let at = 5; at < 60; at += 1) {
    const id = `c-${at}`;
    expect([id, shown[id]]).toEqual([id, expected.get(id) ?? `t${at} Ulm`]);
  }
  expect((await sluice("audit")).code).toBe(0);
});

test("a record of which Redis has forgotten the versions is compared by the history alone, and mended", async () => {
  await edit("crm", "c-70", { tier: "by hand" });
  await byHand("crm", "DELETE", recordOf("c-71"));
  for (const id of ["c-70", "c-71"]) {
    expect((await sluice("record", "forget", "customer", id, "--destination", "crm")).code).toBe(0);
  }
  const { findings, code } = await reconcile("crm", "--repair");
  expect(findings).toMatchObject([
    { key: "c-70", finding: "different", fields: ["tier: t70 → by hand"], repair: "mended" },
    { key: "c-71", finding: "missing", repair: "mended" },
  ]);
  expect(code).toBe(0);
  expect(await customers("crm")).toMatchObject({ "c-70": "t70 Ulm", "c-71": "t71 Ulm" });
});

test("a sample is so many records, an object is that one alone, and a destination that nobody knows is refused", async () => {
  expect((await reconcile("zendesk", "--sample", "7")).report.compared).toBe(7);
  expect((await reconcile("zendesk", "--object", "order")).report.compared).toBe(0);
  const { code, output } = await sluice("reconcile", "nobody");
  expect([code, output]).toEqual([1, expect.stringContaining('there is no destination "nobody"')]);
  expect((await sluice("reconcile", "list")).printed).toContain("zendesk/order");
  const acts = await sluice("reconcile", "show", "nothing");
  expect([acts.code, acts.output]).toEqual([1, expect.stringContaining("there is no reconcile nothing")]);
});

test("what was changed there in a time that a restored backup lacks may be our own newer write, and is left", async () => {
  await queue.state.restored(Date.now());
  await edit("crm", "c-80", { tier: "newer" });
  const left = await reconcile("crm", "--repair");
  expect(left.findings).toMatchObject([{ key: "c-80", finding: "different", repair: "blind" }]);
  expect([left.code, left.report.repairs.blind]).toEqual([1, 1]);
  expect((await customers("crm"))["c-80"]).toBe("newer Ulm");
});

/** Changes that were applied at a destination. */
async function applied(place: Place): Promise<number> {
  const { outcomes } = await queue.lane(place).numbers();
  return [...(outcomes.get("applied") ?? new Map<string, number>()).values()].reduce((sum, each) => sum + each, 0);
}
