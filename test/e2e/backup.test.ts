import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { CONFIGURATION, signed } from "../fleet.ts";
import { runCommand } from "../sluice-commands.ts";
import { openPlace, PLACE_TOKEN } from "./place.fixture.ts";

/** Sluice as its users run it, backed up under load and restored elsewhere. */
test("a backup that was made while Sluice runs is restored elsewhere, with higher marks, and says what there is to compare", async () => {
  const place = await openPlace(CONFIGURATION, { SLUICE_LOG: "warn" });
  onTestFinished(async () => await place.close());
  const { env, ports, folder } = place;
  /** @returns whether the webhook was acknowledged */
  const send = async (id: number): Promise<boolean> => {
    const data = { id, name: `Customer ${id}`, version: 1, tier: "gold" };
    const request = signed(`e-${id}`, JSON.stringify({ type: "customer.updated", data }));
    const { prefer: _, ...headers } = request.headers;
    const response = await fetch(`http://127.0.0.1:${ports.ingress}/webhooks/erp`, { ...request, headers });
    await response.arrayBuffer();
    return response.status === 202;
  };
  const stored = async (): Promise<ReadonlySet<string>> => {
    const keys = new Set<string>();
    let next: string | null = `${env["RECORDS_URL"]}/api/v2/custom_objects/customer/records?page[size]=100`;
    while (next !== null) {
      const page = (await (await fetch(next, { headers: { authorization: `Bearer ${PLACE_TOKEN}` } })).json()) as {
        custom_object_records: { external_id: string }[];
        links: { next: string | null };
      };
      for (const { external_id: key } of page.custom_object_records) keys.add(key);
      next = page.links.next;
    }
    return keys;
  };

  const first = await place.start();
  const before: number[] = [];
  const stop = new AbortController();
  const sending = (async () => {
    for (let id = 0; !stop.signal.aborted; id += 1) if (await send(id)) before.push(id);
  })();
  while (before.length < 50) await new Promise((resolve) => setTimeout(resolve, 20));
  const acknowledged = [...before];
  const backup = join(folder, "backup");
  const made = await place.sluice("backup", backup);
  expect(made.code, made.output).toBe(0);
  stop.abort();
  await sending;

  // The folder is in use; another folder with content stays as it is.
  const inUse = await place.sluice("restore", backup);
  expect(inUse.output).toMatch(/is in use by `sluice up`/);
  expect(await first.end("SIGTERM")).toBe(0);
  const taken = await place.sluice("restore", backup);
  expect(taken.output).toMatch(/is not empty/);

  const elsewhere = join(folder, "restored");
  const restored = await runCommand(["restore", backup], { ...env, SLUICE_DATA_DIR: elsewhere });
  expect(restored.code, restored.output).toBe(0);
  expect(restored.output).toMatch(
    /compare the destinations with what the sources have, .*`sluice reconcile DESTINATION`/,
  );

  await place.start({ SLUICE_DATA_DIR: elsewhere });
  const readiness = await place.text("ingress", "/readyz");
  expect(readiness).toMatch(/the state was restored from a backup/);
  // The pause of the backup makes no hole: every event that was acknowledged before it is written, in its store or by its state.
  const end = performance.now() + 60_000;
  const wanted = acknowledged.map((id) => `c-${id}`);
  for (;;) {
    const keys = await stored();
    if (wanted.every((key) => keys.has(key))) break;
    if (performance.now() > end) throw new Error(`missing: ${wanted.filter((key) => !keys.has(key)).join(", ")}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const audit = await runCommand(["audit"], { ...env, SLUICE_DATA_DIR: elsewhere });
  expect(audit.code).toBe(1);
  expect(audit.output).toMatch(/Every accepted change is pending or has exactly one outcome[^]*restored from a backup/);
});
