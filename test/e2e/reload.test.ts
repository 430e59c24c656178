import { createHmac } from "node:crypto";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, inject, onTestFinished, test } from "vitest";
import { freePort, startSluice } from "../sluice-process.ts";

/** A door as its users run it, whose secret is changed while webhooks come in. */
async function openDoor() {
  const folder = mkdtempSync(join(tmpdir(), "sluice-reload-"));
  const port = await freePort();
  const secretFile = join(folder, "secret");
  const config = join(folder, "sluice.yaml");
  const replace = (file: string, text: string): void => {
    writeFileSync(`${file}.next`, text);
    renameSync(`${file}.next`, file);
  };
  const write = (records = "[]"): void =>
    replace(
      config,
      `sources: { erp: { scheme: generic-hmac, secrets: ["\${file:${secretFile}}"], records: ${records} } }\n`,
    );
  replace(secretFile, "first");
  write();
  const door = startSluice(["ingress"], {
    SLUICE_CONFIG: config,
    SLUICE_DATA_DIR: join(folder, "data"),
    SLUICE_INGRESS_PORT: String(port),
    // A database of its own: these processes have the namespace that all have.
    SLUICE_REDIS_URL: inject("redisUrl").replace(/\/0$/, "/11"),
    SLUICE_LOG: "warn",
  });
  onTestFinished(async () => {
    await door.end("SIGTERM");
    rmSync(folder, { recursive: true, force: true });
  });
  await door.ready(port);
  const send = async (secret: string): Promise<number> => {
    const body = "{}";
    const signature = createHmac("sha256", secret).update(body).digest("hex");
    const headers = { "content-type": "application/json", "x-sluice-signature": signature };
    return (await fetch(`http://127.0.0.1:${port}/webhooks/erp`, { method: "POST", headers, body })).status;
  };
  const until = async (what: () => Promise<boolean> | boolean): Promise<void> => {
    const end = performance.now() + 120_000;
    while (!(await what())) {
      if (performance.now() > end) throw new Error(`not so after two minutes: ${what.toString()}\n${door.output()}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  };
  const metrics = async (): Promise<string> => await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return { door, send, until, metrics, write, changeSecret: (value: string) => replace(secretFile, value), config };
}

test(
  "a secret is replaced by changing its file, no request is dropped, and a file with a fault changes nothing",
  {
    timeout: 180_000,
  },
  async () => {
    const { door, send, until, metrics, write, changeSecret, config } = await openDoor();
    expect(await send("first")).toBe(202);
    expect(await send("second")).toBe(401);

    // Requests with one of the two secrets come in all the time: each is answered, never cut off.
    changeSecret("second");
    const answers = new Set<number>();
    await until(async () => {
      const [old, next] = await Promise.all([send("first"), send("second")]);
      for (const status of [old, next]) answers.add(status);
      // Exactly one of the secrets is right at every moment; read before and after the change, both may differ.
      return next === 202;
    });
    expect(answers).toEqual(new Set([202, 401]));
    expect(await send("first")).toBe(401);

    // The file names a destination that does not exist: the old configuration stays, with its secret.
    write("[{ destination: nowhere, object: customer, external_id: data.id, fields: { a: data.a } }]");
    await until(() => door.output().includes("the old one stays"));
    expect(door.output()).toContain("nowhere");
    expect(await send("second")).toBe(202);
    expect(await metrics()).toContain('sluice_configuration_reads_total{result="kept"} 1');
    expect(await metrics()).toContain("sluice_configuration_outdated 1");

    // SIGHUP makes the door read at once.
    write();
    changeSecret("third");
    door.child.kill("SIGHUP");
    await until(async () => (await send("third")) === 202);
    expect(await send("second")).toBe(401);
    expect(await metrics()).toContain("sluice_configuration_outdated 0");
    expect(await metrics()).toContain('sluice_secret_matches_total{source="erp",secret="1"}');
    expect(door.output()).not.toMatch(/"first"|"second"|"third"/);
    rmSync(config);
    door.child.kill("SIGHUP");
    await until(() => door.output().includes("can't be read"));
    expect(await send("third")).toBe(202);
  },
);
