import { createHmac } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { freePort, startSluice, type SluiceProcess } from "../sluice-process.ts";
import { runCommand, type Ended } from "../sluice-commands.ts";

/** Past events under a mapping that was changed, as somebody does it who runs `sluice up` and its commands. */
const folder = mkdtempSync(join(tmpdir(), "sluice-replay-"));
const config = join(folder, "sluice.yaml");
const SECRET = "hush-hush-hush-hush";
const EVENTS = 40;
let env: Record<string, string>;
let up: SluiceProcess;

/** `later`: a type that only the changed mapping wants. */
function configuration(tier: string, { later = false } = {}): string {
  const row = (type: string): string => `
      - when: type = "${type}"
        destination: crm
        object: customer
        external_id: data.id
        name: data.id
        version: data.version
        fields: { tier: ${tier}, city: data.city }`;
  return `
sources:
  erp:
    scheme: { generic-hmac: { header: x-erp-signature, algorithm: sha256, encoding: hex } }
    secrets: ["${SECRET}"]
    records:${row("customer.updated")}${later ? row("customer.later") : ""}
destinations:
  crm: { kind: zendesk, url: "\${SLUICE_RECORDS_URL}", auth: { bearer: "\${SLUICE_RECORDS_TOKEN}" }, requests_per_minute: 240, batch: 1 }
objects:
  customer:
    title: Customer
    title_pluralized: Customers
    fields: { tier: { type: text, title: Tier }, city: { type: text, title: City } }
`;
}

async function start(): Promise<void> {
  up = startSluice(["up", "--no-samples"], env);
  await up.ready(Number(env["SLUICE_CONSOLE_PORT"]));
}

async function reconfigure(text: string): Promise<void> {
  const before = up.output().length;
  writeFileSync(config, text);
  await vi.waitUntil(() => up.output().slice(before).includes("read again and is in use"), { timeout: 120_000 });
}

async function send(event: { id: string; type?: string; data: object }): Promise<number> {
  const body = JSON.stringify({ event_id: event.id, type: event.type ?? "customer.updated", ...event.data });
  const signature = createHmac("sha256", SECRET).update(body).digest("hex");
  const headers = { "content-type": "application/json", "x-erp-signature": signature };
  const url = `http://127.0.0.1:${env["SLUICE_INGRESS_PORT"]}/webhooks/erp`;
  return (await fetch(url, { method: "POST", headers, body })).status;
}

async function sluice(...words: string[]): Promise<Ended> {
  return await runCommand(words, env);
}

/** Each customer's tier and city, by its id. */
async function customers(): Promise<Record<string, string>> {
  const file = join(folder, "exported.ndjson");
  await sluice("records", "export", "--object", "customer", "--out", file);
  const rows = readFileSync(file, "utf8").trim().split("\n");
  return Object.fromEntries(
    rows
      .map((line) => JSON.parse(line) as { external_id: string; custom_object_fields: { tier: string; city: string } })
      .map(({ external_id: id, custom_object_fields: { tier, city } }) => [id, `${tier} ${city}`]),
  );
}

async function settled(): Promise<void> {
  await vi.waitUntil(
    async () => !/"(?:pending|waiting|active|delayed)": [1-9]/.test((await sluice("audit", "--json")).printed),
    { timeout: 120_000, interval: 200 },
  );
}

/** Every event stands in the history, about a second behind. */
async function archived(count: number): Promise<void> {
  await vi.waitUntil(
    async () => (await sluice("events", "--json", "--limit", "1000")).printed.trim().split("\n").length >= count,
    { timeout: 120_000, interval: 200 },
  );
}

beforeAll(async () => {
  env = {
    SLUICE_CONFIG: config,
    SLUICE_DATA_DIR: join(folder, "data"),
    SLUICE_INGRESS_PORT: String(await freePort()),
    SLUICE_WORKER_PORT: "0",
    SLUICE_CONSOLE_PORT: String(await freePort()),
    SLUICE_RECORDS_PORT: String(await freePort()),
  };
  writeFileSync(config, configuration("data.tier"));
  await start();
  for (let at = 0; at < EVENTS; at += 1) {
    const data = { id: `c-${at % 10}`, version: at + 1, tier: `t${at}`, city: "Ulm" };
    expect(await send({ id: `e-${at}`, data })).toBe(202);
  }
  // A repetition, and an event that nobody wants yet.
  await send({ id: "e-0", data: { id: "c-0", version: 1, tier: "t0", city: "Ulm" } });
  await send({ id: "later", type: "customer.later", data: { id: "c-late", version: 1, tier: "t", city: "Bonn" } });
  await archived(EVENTS + 2);
});
afterAll(async () => {
  await up?.end("SIGTERM");
  rmSync(folder, { recursive: true, force: true });
});

test("under the mapping as it was, a plan says that nothing would become anything else", async () => {
  const { printed, code } = await sluice("replay", "--source", "erp", "--json");
  expect(code).toBe(0);
  const { state, plan, run } = JSON.parse(printed);
  expect([state, run]).toEqual(["planned", null]);
  expect(plan).toMatchObject({
    webhooks: EVENTS + 2,
    replayed: 0,
    would: { unchanged: EVENTS, ignored: 1 },
    leftOut: { repeated: 1 },
    written: 0,
  });
});

test("a changed mapping is planned with what would differ, and a run brings it to each record, over a restart, under what is newer", async () => {
  await reconfigure(configuration("$uppercase(data.tier)", { later: true }));
  const planned = await sluice("replay", "--source", "erp");
  expect(planned.printed).toContain("would be understood again");
  const id = /replay run (\S+?)`/.exec(planned.printed)![1]!;
  const { plan } = JSON.parse((await sluice("replay", "show", id, "--json")).printed);
  expect(plan).toMatchObject({
    would: { changed: EVENTS, newly_wanted: 1 },
    replayed: EVENTS + 1,
    written: 11,
    staleChanges: 30,
  });
  expect(plan.fields.find(({ field }: { field: string }) => field === "tier")).toMatchObject({
    changed: 10,
    stale: 30,
    set: 1,
  });
  expect(plan.samples[0].fields.find(({ field }: { field: string }) => field === "tier")).toMatchObject({
    before: "t30",
    after: "T30",
  });
  expect(plan.calls).toEqual([{ destination: "crm", requests: 11, seconds: 3 }]);

  // While its destination is held it waits for that, once as much was handed over as may be due there.
  await sluice("hold", "crm", "--reason", "a test");
  const request = await fetch(`http://127.0.0.1:${env["SLUICE_CONSOLE_PORT"]}/api/replays/${id}/run`, {
    method: "POST",
    headers: { authorization: `Bearer ${tokenOf()}`, "content-type": "application/json" },
    body: "{}",
  });
  expect(request.status).toBe(202);
  expect((await sluice("replay", "pause", id)).printed).toContain("paused");
  expect((await sluice("replay", "run", id)).output).toContain("the replay is paused");
  // A newer event comes in meanwhile: the replay must not go over it.
  await send({ id: "newer", data: { id: "c-1", version: 1000, tier: "newest", city: "Ulm" } });
  expect(await up.end("SIGTERM")).toBe(0);
  await start();
  await sluice("resume", "crm");
  const resumed = await sluice("replay", "resume", id, "--json");
  expect([resumed.code, JSON.parse(resumed.printed).state]).toEqual([0, "done"]);
  await settled();
  const expected = Object.fromEntries(
    Array.from({ length: 10 }, (_, at) => [`c-${at}`, at === 1 ? "NEWEST Ulm" : `T${30 + at} Ulm`]),
  );
  expect(await customers()).toEqual({ ...expected, "c-late": "T Bonn" });

  // Understood again they stand in the history with their number, and a second plan finds nothing to do.
  const again = await sluice("replay", "--source", "erp", "--json");
  expect(JSON.parse(again.printed).plan).toMatchObject({ webhooks: EVENTS + 3 });
  const { printed } = await sluice("events", "--event", "e-30", "--json");
  expect(
    printed
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { run: number }).run),
  ).toEqual([1, 0]);
  const acts = await sluice("replay", "list");
  expect(acts.printed).toContain("done");
});

test("a plan that the configuration has left behind is not run, and an aborted one neither", async () => {
  const { id } = JSON.parse((await sluice("replay", "--source", "erp", "--unchanged", "--json")).printed);
  await reconfigure(configuration("$lowercase(data.tier)", { later: true }));
  const refused = await sluice("replay", "run", id);
  expect([refused.code, refused.output]).toEqual([
    1,
    expect.stringContaining("the configuration of erp is another one"),
  ]);
  const aborted = await sluice("replay", "abort", id, "--json");
  expect(JSON.parse(aborted.printed).state).toBe("aborted");
  expect((await sluice("replay", "run", id)).output).toContain("the replay is aborted");
  await reconfigure(configuration("$uppercase(data.tier)", { later: true }));
});

test("an old file never overwrites a newer value, is planned first, goes on where it was broken off, and is traced line by line", async () => {
  const file = join(folder, "customers.csv");
  writeFileSync(
    file,
    "id,version,tier,city\nc-1,999,stale,Rome\nc-2,5000,fresh,Oslo\nc-new,1,first,Bern\nc-bad,,x,y\n",
  );
  const words = ["backfill", file, "--source", "erp", "--type", "customer.updated"];
  const planned = await sluice(...words, "--json");
  expect(JSON.parse(planned.printed)).toMatchObject({
    rows: 4,
    would: { newly_wanted: 3, dead: 1 },
    staleChanges: 1,
    written: 2,
  });
  expect((await customers())["c-2"]).toBe("T32 Ulm");
  const done = await sluice(...words, "--yes");
  expect(done.printed).toContain("4 rows taken in");
  await settled();
  expect(await customers()).toMatchObject({ "c-1": "NEWEST Ulm", "c-2": "FRESH Oslo", "c-new": "FIRST Bern" });
  const number = /as replay (\d+)/.exec(done.printed)![1]!;
  await vi.waitUntil(async () => (await sluice("trace", `customers.csv:${number}:3`)).printed.includes("FRESH"), {
    timeout: 60_000,
  });
  expect((await sluice(...words, "--resume")).output).toContain("is not there");
  expect((await sluice("dead", "list", "--source", "erp")).printed).toContain("mapping_failed");
});

test("a file for a mapping without versions says first when it was true", async () => {
  const file = join(folder, "unversioned.ndjson");
  writeFileSync(file, '{"id":"c-3","tier":"old","city":"Kiel"}\n');
  await reconfigure(configuration("data.tier").replace("        version: data.version\n", ""));
  const words = ["backfill", file, "--source", "erp", "--type", "customer.updated"];
  const refused = await sluice(...words);
  expect([refused.code, refused.output]).toEqual([1, expect.stringContaining("--as-of")]);
  await reconfigure(configuration("$uppercase(data.tier)", { later: true }));
});

test("tail shows what comes in with how it ended, one line each, and ends by itself or at a Ctrl-C", async () => {
  const shown = sluice("tail", "--source", "erp", "--type", "customer.updated", "--count", "2", "--json");
  const endless = startSluice(["tail", "--outcome", "applied"], env);
  let isOver = false;
  void shown.finally(() => (isOver = true));
  // Each begins where it begins: events are sent until both have shown some.
  let sent = 0;
  await vi.waitUntil(
    async () => {
      sent += 1;
      await send({ id: `live-${sent}`, data: { id: "c-live", version: sent, tier: "x", city: "Ulm" } });
      return isOver && endless.output().includes("live-");
    },
    { timeout: 120_000, interval: 500 },
  );
  const { code, printed } = await shown;
  const rows = printed
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { id: string; outcome: string; records: readonly { key: string }[] });
  expect(code).toBe(0);
  expect(rows).toHaveLength(2);
  expect(
    rows.map(({ id }) => Number(id.replace("live-", ""))).every((at, place, all) => at > (all[place - 1] ?? 0)),
  ).toBe(true);
  for (const { outcome, records } of rows) {
    expect([outcome, records.map(({ key }) => key)]).toEqual([expect.stringMatching(/^(applied|merged)$/), ["c-live"]]);
  }
  expect(endless.output()).toMatch(
    /^\S+Z {2}erp {2}customer\.updated {2}live-\d+ {2}applied {2}crm\/customer\/c-live {2}\S+$/m,
  );
  expect(await endless.end("SIGINT")).toBe(0);
});

function tokenOf(): string {
  return readFileSync(join(folder, "data", "admin-token"), "utf8").trim();
}
