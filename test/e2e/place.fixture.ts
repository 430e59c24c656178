import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { CONFIGURATION, signed } from "../fleet.ts";
import { runCommand, type Ended } from "../sluice-commands.ts";
import { freePort, startSluice, type SluiceProcess } from "../sluice-process.ts";

/** A folder with ports and settings of its own for `sluice up`, as its users run it. */
export type Place = {
  readonly folder: string;
  readonly ports: Readonly<Record<"ingress" | "worker" | "console" | "records", number>>;
  readonly env: Readonly<Record<string, string>>;
  /** Starts `sluice up`, with other settings where they are given, and waits for its door. */
  start(more?: Readonly<Record<string, string>>): Promise<SluiceProcess>;
  /** The output of the process that was started last. */
  output(): string;
  sluice(...words: string[]): Promise<Ended>;
  /** Sends a change of a customer, which the door takes. */
  send(id: string, data: object): Promise<void>;
  /** The text at a path of a role. */
  text(role: "ingress" | "worker" | "console", path: string): Promise<string>;
  /** A number of the worker's metrics, 0 where it does not show it. */
  metric(name: string): Promise<number>;
  /** The first hundred customers of the records store by their keys: their fields. */
  records(): Promise<ReadonlyMap<string, Readonly<Record<string, unknown>>>>;
  /** Ends what runs, in peace: SIGKILL would leave its Redis to the next start, and there is none. */
  close(): Promise<void>;
};

export async function openPlace(
  configuration = CONFIGURATION,
  more: Readonly<Record<string, string>> = {},
): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-place-"));
  const file = join(folder, "sluice.yaml");
  writeFileSync(file, configuration);
  const [ingress, worker, console, records] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const ports = { ingress, worker, console, records };
  const env = {
    SLUICE_CONFIG: file,
    SLUICE_DATA_DIR: join(folder, "data"),
    SLUICE_RECORDS_TOKEN: PLACE_TOKEN,
    SLUICE_ADMIN_TOKEN: PLACE_TOKEN,
    SLUICE_INGRESS_PORT: String(ports.ingress),
    SLUICE_WORKER_PORT: String(ports.worker),
    SLUICE_CONSOLE_PORT: String(ports.console),
    SLUICE_RECORDS_PORT: String(ports.records),
    RECORDS_URL: `http://127.0.0.1:${ports.records}`,
    SLUICE_LOG: "error",
    ...more,
  };
  const started: SluiceProcess[] = [];
  const text: Place["text"] = async (role, path) =>
    await (await fetch(`http://127.0.0.1:${ports[role]}${path}`)).text();
  return {
    folder,
    ports,
    env,
    async start(others = {}) {
      const up = startSluice(["up"], { ...env, ...others });
      started.push(up);
      await up.ready(ports.ingress);
      return up;
    },
    output: () => started.at(-1)?.output() ?? "",
    sluice: async (...words) => await runCommand(words, env),
    async send(id, data) {
      const request = signed(id, JSON.stringify({ type: "customer.updated", data }));
      expect((await fetch(`http://127.0.0.1:${ports.ingress}/webhooks/erp`, request)).status).toBe(202);
    },
    text,
    async metric(name) {
      const found = (await text("worker", "/metrics")).split("\n").find((line) => line.startsWith(`${name} `));
      return Number(found?.slice(name.length + 1) ?? 0);
    },
    async records() {
      const url = `http://127.0.0.1:${ports.records}/api/v2/custom_objects/customer/records?page[size]=100`;
      const response = await fetch(url, { headers: { authorization: `Bearer ${PLACE_TOKEN}` } });
      const { custom_object_records: found } = (await response.json()) as {
        custom_object_records: { external_id: string; custom_object_fields: Record<string, unknown> }[];
      };
      return new Map(found.map((each) => [each.external_id, each.custom_object_fields]));
    },
    async close() {
      await Promise.all(started.map(async (each) => await each.end("SIGTERM")));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The token of the records store and of the console. */
export const PLACE_TOKEN = "token-of-the-place";
