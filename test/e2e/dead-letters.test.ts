import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CONFIGURATION, signed } from "../fleet.ts";
import { runCommand, type Ended } from "../sluice-commands.ts";
import { freePort, startSluice, type SluiceProcess } from "../sluice-process.ts";

/** `sluice dead …` and `sluice audit` as an operator types them, beside a Sluice that runs. */
const TOKEN = "dead-letters-token";
const folder = mkdtempSync(join(tmpdir(), "sluice-dead-"));
let up: SluiceProcess;
let env: Record<string, string>;
let ports: { ingress: number; worker: number; records: number };

beforeAll(async () => {
  ports = { ingress: await freePort(), worker: await freePort(), records: await freePort() };
  writeFileSync(join(folder, "sluice.yaml"), CONFIGURATION);
  env = {
    SLUICE_CONFIG: join(folder, "sluice.yaml"),
    SLUICE_DATA_DIR: join(folder, "data"),
    SLUICE_RECORDS_TOKEN: TOKEN,
    SLUICE_INGRESS_PORT: String(ports.ingress),
    SLUICE_WORKER_PORT: String(ports.worker),
    SLUICE_RECORDS_PORT: String(ports.records),
    RECORDS_URL: `http://127.0.0.1:${ports.records}`,
    SLUICE_LOG: "error",
  };
  up = startSluice(["up"], env);
  await up.ready(ports.ingress);
});
afterAll(async () => {
  await up.end("SIGTERM");
  rmSync(folder, { recursive: true, force: true });
});

const sluice = async (...words: string[]): Promise<Ended> => await runCommand(words, env);

async function send(id: string, data: object): Promise<void> {
  const request = signed(id, JSON.stringify({ type: "customer.updated", data }));
  const response = await fetch(`http://127.0.0.1:${ports.ingress}/webhooks/erp`, request);
  expect(response.status).toBe(202);
}

type Letter = { id: string; key: { value: string } | null; reason: { code: string }; change?: unknown };
async function letters(...filters: string[]): Promise<Letter[]> {
  const { output } = await sluice("dead", "list", "--json", ...filters);
  return output
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Letter);
}

/** A look at the metrics is cheaper than starting a command again and again. */
async function deadRecords(): Promise<number> {
  const metrics = await (await fetch(`http://127.0.0.1:${ports.worker}/metrics`)).text();
  return Number(/^sluice_dead_records\{destination="crm"\} (\d+)$/m.exec(metrics)?.[1]);
}

async function fieldsOf(externalId: string): Promise<unknown> {
  const url = `http://127.0.0.1:${ports.records}/api/v2/custom_objects/customer/records?filter[external_ids]=${externalId}`;
  const response = await fetch(url, { headers: { authorization: `Bearer ${TOKEN}` } });
  const { custom_object_records: found } = (await response.json()) as {
    custom_object_records: { custom_object_fields: Record<string, unknown> }[];
  };
  return found[0]?.custom_object_fields;
}

async function until<T>(read: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  const end = performance.now() + 120_000;
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    if (performance.now() > end) throw new Error(`never so, last ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test("dead letters are listed, shown, edited, replayed and discarded, and the books stay exact", async () => {
  const version = "2026-05-01T00:00:00Z";
  await send("ill-1", { id: 1, version, name: "Ill", tier: "gold", balance: "much" });
  await send("ill-2", { id: 2, version, name: "Worse", balance: "more" });
  await send("fault-1", { id: 3, version: "yesterday", name: "Nobody", tier: "tin" });
  await until(deadRecords, (dead) => dead === 3);
  const all = await letters();
  expect(all).toHaveLength(3);
  expect(all.map(({ reason }) => reason.code).toSorted()).toEqual(["RecordInvalid", "RecordInvalid", "mapping_failed"]);
  const [first] = await letters("--key", "c-1");
  const [second] = await letters("--key", "c-2", "--source", "erp", "--since", "1h");
  const [fault] = await letters("--code", "mapping_failed");
  expect([first, second, fault].every((each) => each !== undefined)).toBe(true);
  expect(await letters("--until", "1h")).toEqual([]);

  const shown = await sluice("dead", "show", first!.id);
  for (const part of ["RecordInvalid", "erp ill-1", '"balance": "much"', "PATCH", "422", "next:"]) {
    expect(shown.output).toContain(part);
  }

  const unasked = await sluice("dead", "replay");
  expect(unasked).toMatchObject({ code: 1, output: expect.stringContaining("--dry-run") as string });
  const dry = await sluice("dead", "replay", "--all", "--dry-run");
  expect(dry.output).toContain("Nothing was done.");
  expect(dry.output).toContain("leave it:");
  expect(await letters()).toHaveLength(3);

  // Unchanged, the letter is refused again; edited, it goes out, with the tier that only the refused event carried.
  expect((await sluice("dead", "replay", first!.id)).output).toContain("1 replayed");
  await until(deadRecords, (dead) => dead === 3);
  expect(await letters("--key", "c-1")).toHaveLength(1);
  expect((await sluice("dead", "replay", first!.id, "--set", "balance=7.5")).output).toContain("1 replayed");
  // The refused field may have been set aside meanwhile, and the others written before it.
  const edited = await until(
    async () => await fieldsOf("c-1"),
    (fields) => (fields as { balance?: number | null } | undefined)?.balance === 7.5,
  );
  expect(edited).toMatchObject({ tier: "gold" });
  // A newer event still wins over the edit.
  await send("well-1", { id: 1, version: "2026-05-02T00:00:00Z", balance: 8 });
  await until(
    async () => await fieldsOf("c-1"),
    (fields) => (fields as { balance: number }).balance === 8,
  );

  expect((await sluice("dead", "discard", second!.id)).output).toContain("1 discarded");
  expect(await sluice("dead", "discard", second!.id)).toMatchObject({
    code: 1,
    output: expect.stringContaining("There is no dead letter") as string,
  });
  expect((await sluice("dead", "replay", fault!.id)).code).toBe(1);
  expect((await sluice("dead", "replay", fault!.id, "--set", `data.version=${version}`)).output).toContain(
    "1 accepted",
  );
  await until(
    async () => await fieldsOf("c-3"),
    (fields) => (fields as { tier?: string } | undefined)?.tier === "tin",
  );

  expect(await letters()).toEqual([]);
  const audit = await sluice("audit");
  expect(audit).toMatchObject({ code: 0, output: expect.stringContaining("exactly one outcome") as string });
});
