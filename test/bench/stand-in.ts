import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startRecords } from "@sluice/records";
import { createLog, loadConfiguration, openDatabase, systemClock } from "@sluice/runtime";
import { fileURLToPath } from "node:url";
import { serveParent } from "./child.ts";
import { SECRET } from "./event.ts";

/** services/records as an account of Zendesk's enterprise plan: 700 requests a minute, jobs of eight seconds, 30 at a time. */
serveParent(async ({ configuration, token }: { readonly configuration: string; readonly token: string }) => {
  const log = createLog({ role: "records", level: "warn" });
  const dataDir = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  const path = fileURLToPath(new URL(`contestants/${configuration}`, import.meta.url));
  const { objects } = await loadConfiguration({
    path,
    env: { BENCH_SECRET: SECRET, BENCH_DESTINATION_URL: "http://127.0.0.1:1" },
  });
  const database = await openDatabase({ dataDir, log });
  const running = await startRecords({
    database,
    tokens: [{ token, role: "admin" }],
    port: 0,
    clock: systemClock,
    log,
    objects: objects.values(),
    standIn: { plan: "enterprise" },
  });
  return {
    url: running.url,
    async close() {
      await running.close();
      await database.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
});
