import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createLog, createShutdown, loadConfiguration } from "@sluice/runtime";
import { configurationEnvironment, readSettings } from "../environment.ts";
import { reloadOnChange } from "./reload.ts";

const text = ({ token = "first", url = "http://127.0.0.1:1" } = {}): string => `
sources:
  thin:
    scheme: generic-hmac
    secrets: [hush-hush]
    fetch: { url: "http://127.0.0.1:1/{{data.id}}", auth: { bearer: ${token} }, headers: { x-key: ${token} } }
    records: [{ destination: crm, object: customer, external_id: data.id, fields: { tier: data.tier } }]
destinations:
  crm: { kind: zendesk, url: "${url}", auth: { bearer: none } }
`;

/** Gives a role this changed file. Answers whether the role uses it, and the log's words. */
async function reloaded(changed: string): Promise<{ readonly told: "used" | "kept"; readonly said: string }> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-reload-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "sluice.yaml");
  writeFileSync(path, text());
  const settings = readSettings({ SLUICE_CONFIG: path, SLUICE_DATA_DIR: folder });
  const configuration = await loadConfiguration({ path, env: configurationEnvironment(settings) });
  const lines: string[] = [];
  const log = createLog({ role: "test", to: { write: (line) => void lines.push(line) } });
  const shutdown = createShutdown({ log });
  const heard = await new Promise<"used" | "kept">((resolve) => {
    const role = { use: () => resolve("used"), keep: () => resolve("kept") };
    reloadOnChange(settings, configuration, [role], { log, shutdown });
    writeFileSync(path, changed);
    process.emit("SIGHUP");
  });
  // The reading has ended by now, and the log is complete.
  await shutdown.stop();
  return { told: heard, said: lines.join("") };
}

async function told(changed: string): Promise<"used" | "kept"> {
  return (await reloaded(changed)).told;
}

test.each([
  ["ack: fsync", "but for ack:"],
  ["dedupe_window: 1h\nordering_horizon: 1d", "but for dedupe_window, ordering_horizon:"],
  ["objects: { customer: { title: C, title_pluralized: Cs, fields: { tier: { title: Tier } } } }", "but for objects:"],
  ["history: { keep: 60d }\nrecords_store: { strict_fields: true }", "but for history, records_store:"],
  [
    "console: { public_url: 'https://sluice.example.com', oidc: { issuer: 'https://login.example.com', client_id: s, client_secret: a-secret-of-the-provider, read: ['*'] } }",
    "but for console:",
  ],
  ["version_skew: 1h", 'and is in use"'],
])("of «%s» the log says that it is %s", async (changed, words) => {
  const { told: heard, said } = await reloaded(`${changed}\n${text()}`);
  expect(heard).toBe("used");
  expect(said).toContain(words);
});

test("other credentials of a fetch are taken over, since those that somebody else renews come and go", async () => {
  expect(await told(text({ token: "second" }))).toBe("used");
});

test("another address of a destination is not: it needs a restart", async () => {
  expect(await told(text({ url: "http://127.0.0.1:2" }))).toBe("kept");
});
