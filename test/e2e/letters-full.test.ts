import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CONFIGURATION, signed } from "../fleet.ts";
import { runCommand, type Ended } from "../sluice-commands.ts";
import { freePort, startSluice, type SluiceProcess } from "../sluice-process.ts";

/** One broken mapping that makes far more dead letters than Redis has room for, beside a source that is well. */
const TOKEN = "letters-full-token";
const folder = mkdtempSync(join(tmpdir(), "sluice-letters-full-"));
let up: SluiceProcess;
let env: Record<string, string>;
let ports: { ingress: number; worker: number; records: number };

beforeAll(async () => {
  ports = { ingress: await freePort(), worker: await freePort(), records: await freePort() };
  // The budget leaves 3 MB for the letters of one source.
  writeFileSync(join(folder, "sluice.yaml"), `redis_memory_budget: 48mb\n${CONFIGURATION}`);
  env = {
    SLUICE_CONFIG: join(folder, "sluice.yaml"),
    SLUICE_DATA_DIR: join(folder, "data"),
    SLUICE_RECORDS_TOKEN: TOKEN,
    SLUICE_INGRESS_PORT: String(ports.ingress),
    SLUICE_WORKER_PORT: String(ports.worker),
    SLUICE_RECORDS_PORT: String(ports.records),
    RECORDS_URL: `http://127.0.0.1:${ports.records}`,
    SLUICE_LOG: "fatal",
  };
  up = startSluice(["up"], env);
  await up.ready(ports.ingress);
});
afterAll(async () => {
  await up.end("SIGTERM");
  rmSync(folder, { recursive: true, force: true });
});

const sluice = async (...words: string[]): Promise<Ended> => await runCommand(words, env);

async function post(source: string, id: string, data: object): Promise<{ status: number; text: string }> {
  const { headers, ...request } = signed(id, JSON.stringify({ type: "customer.updated", data }));
  const { prefer: _prefer, ...proof } = headers;
  const response = await fetch(`http://127.0.0.1:${ports.ingress}/webhooks/${source}`, { ...request, headers: proof });
  return { status: response.status, text: await response.text() };
}

async function text(port: number, path: string): Promise<string> {
  return await (await fetch(`http://127.0.0.1:${port}${path}`)).text();
}

async function metric(name: string): Promise<number> {
  const found = (await text(ports.worker, "/metrics")).split("\n").find((line) => line.startsWith(name));
  return Number(found?.slice(found.lastIndexOf(" ") + 1) ?? 0);
}

async function until<T>(read: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  const end = performance.now() + 180_000;
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    if (performance.now() > end) throw new Error(`never so, last ${JSON.stringify(value)}\n${up.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function stored(): Promise<number> {
  const url = `http://127.0.0.1:${ports.records}/api/v2/custom_objects/customer/records?page[size]=100`;
  const response = await fetch(url, { headers: { authorization: `Bearer ${TOKEN}` } });
  return ((await response.json()) as { custom_object_records: unknown[] }).custom_object_records.length;
}

const idsIn = (output: string): string[] => output.split("\n").flatMap((line) => /^(e_\S+)/.exec(line)?.[1] ?? []);

test(
  "a source whose letters are full gets 503 and nothing of it is lost; another one flows, and the letters are paged",
  { timeout: 420_000 },
  async () => {
    const city = "x".repeat(8000);
    let accepted = 0;
    let refused = "";
    for (let sent = 0; refused === "" && sent < 20_000; sent += 20) {
      const answers = await Promise.all(
        Array.from({ length: 20 }, async (_, at) => {
          const data = { id: sent + at, version: "yesterday", city };
          return await post("erp", `broken-${sent + at}`, data);
        }),
      );
      accepted += answers.filter(({ status }) => status === 202).length;
      refused = answers.find(({ status }) => status !== 202)?.text ?? "";
    }
    expect(JSON.parse(refused)).toMatchObject({ error: { code: "dead_letters_full" } });
    expect(refused).toContain("sluice dead list --source erp");
    // Far more webhooks came in than there is room for: 3 MB are some 350 letters.
    expect(accepted).toBeGreaterThan(350);
    expect(await text(ports.ingress, "/readyz")).toContain("dead letters fill their room (erp: ");

    for (let id = 0; id < 50; id += 1) {
      const data = { id, version: "2026-05-05T00:00:00Z", name: `C${id}`, tier: "gold" };
      expect(await post("shop", `well-${id}`, data)).toMatchObject({ status: 202 });
    }
    await until(stored, (count) => count === 50);
    const ratio = await metric('sluice_dead_letters_room_ratio{source="erp"}');
    expect(ratio).toBeGreaterThanOrEqual(1);
    expect(await sluice("audit")).toMatchObject({ code: 0 });

    const first = await sluice("dead", "list", "--source", "erp", "--limit", "5");
    const after = /^more: --after (\S+)$/m.exec(first.output)?.[1];
    expect(idsIn(first.output)).toHaveLength(5);
    const second = await sluice("dead", "list", "--source", "erp", "--limit", "5", "--after", after!);
    expect(new Set([...idsIn(first.output), ...idsIn(second.output)]).size).toBe(10);

    // Webhooks that waited for room are understood as soon as there is some.
    const waiting = async (): Promise<number> =>
      (await metric("sluice_intake_waiting_webhooks")) + (await metric('sluice_dead_records{destination="crm"}'));
    await until(
      async () => {
        await sluice("dead", "discard", "--source", "erp");
        return await waiting();
      },
      (left) => left === 0,
    );
    const audit = await sluice("audit", "--json");
    expect(audit.code, audit.output).toBe(0);
    const { accounts } = JSON.parse(audit.printed) as {
      accounts: { source: string; outcomes: { dead: number; discarded: number } }[];
    };
    const { outcomes } = accounts.find(({ source }) => source === "erp")!;
    expect(outcomes).toMatchObject({ dead: accepted, discarded: accepted });
    expect((await post("erp", "again", { id: 1, version: "2026-05-06T00:00:00Z", tier: "tin" })).status).toBe(202);
  },
);
