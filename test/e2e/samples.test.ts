import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { freePort, startSluice } from "../sluice-process.ts";

test("what `npm start` shows is as expected: every sample webhook ends as its file says", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-samples-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [ingress, worker, records] = [await freePort(), await freePort(), await freePort()];
  const up = startSluice(["up", "--samples", "--exit"], {
    SLUICE_DATA_DIR: join(folder, "data"),
    SLUICE_INGRESS_PORT: String(ingress),
    SLUICE_WORKER_PORT: String(worker),
    SLUICE_RECORDS_PORT: String(records),
    // The samples' outcomes are read from the numbers, also where these are for a token alone.
    SLUICE_METRICS_TOKEN: "a-token-for-the-numbers",
    SLUICE_LOG: "error",
  });
  expect(await up.ended(), up.output()).toBe(0);
  expect(up.output()).toContain("All 22 as expected.");
  expect(up.output()).toContain("202 → applied");
});
