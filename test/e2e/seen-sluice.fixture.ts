import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, vi } from "vitest";
import { openBrowser, visit } from "../../services/console/src/page/browser.fixture.ts";
import { freePort, startSluice } from "../sluice-process.ts";

type VisitOptions = Parameters<typeof visit>[2];

/** A whole Sluice with its page, as somebody sees it who typed `npm start`: every role runs, and the samples have gone through. */
export type SeenSluice = {
  /** The address of the page that is printed first, with the token. */
  readonly address: URL;
  output(): string;
  look(path?: string, options?: VisitOptions): ReturnType<typeof visit>;
  /** Sends a webhook of the source `erp`. */
  send(body: string): Promise<void>;
  close(): Promise<void>;
};

/** @param configuration another file than the repository's, to which no samples are sent */
export async function openSeenSluice(executable: string, configuration?: string): Promise<SeenSluice> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-console-"));
  const port = await freePort();
  const up = startSluice(["up", "--samples"], {
    ...(configuration === undefined ? {} : { SLUICE_CONFIG: configuration }),
    SLUICE_DATA_DIR: join(folder, "data"),
    SLUICE_INGRESS_PORT: String(port),
    SLUICE_WORKER_PORT: "0",
    SLUICE_CONSOLE_PORT: String(await freePort()),
    SLUICE_RECORDS_PORT: String(await freePort()),
  });
  const browser = await openBrowser(executable);
  await vi.waitUntil(() => up.output().includes("Sluice runs."), { timeout: 300_000 });
  const address = new URL(/http\S+/.exec(up.output())![0]);
  const token = new URLSearchParams(address.hash.slice(1)).get("token")!;
  return {
    address,
    output: up.output,
    look: async (path = "/", options = {}) => await visit(browser, address.origin, { token, path, ...options }),
    async send(body) {
      const signature = createHmac("sha256", "sluice-sample-secret-for-erp").update(body).digest("hex");
      const headers = { "content-type": "application/json", "x-erp-signature": `sha256=${signature}` };
      const url = `http://127.0.0.1:${port}/webhooks/erp`;
      expect((await fetch(url, { method: "POST", headers, body })).status).toBe(202);
    },
    async close() {
      await browser.close();
      await up.end("SIGTERM");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** An order as the ERP of the samples sends it. */
export function order(number: string, revision: number, more: object): string {
  const id = `${number}-${revision}`;
  return JSON.stringify({ event_id: id, record_type: "order", op: "edit", number, revision, ...more });
}

/** The browser's complaints but for answers of 404: an event that was sent just now is asked for until the history has it. */
export function grave(complaints: readonly string[]): readonly string[] {
  return complaints.filter((each) => !/status of 404/.test(each));
}
