import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startRecords } from "@sluice/records";
import { createLog, openDatabase, systemClock } from "@sluice/runtime";
import { layEmptyPostgres } from "../../empty-postgres.ts";

export const TOKEN = "clients-token";

export type RunningStore = {
  readonly url: string;
  /** Makes a custom object with these fields, and unique names if asked for. */
  define(key: string, fields: readonly object[], options?: { uniqueNames?: boolean }): Promise<void>;
  close(): Promise<void>;
};

/** A store of its own for tests of clients; its token also serves as `me@example.com/token`. */
export async function runningStore(nextOnLastPage = false): Promise<RunningStore> {
  const dataDir = await mkdtemp(join(tmpdir(), "sluice-clients-"));
  const log = createLog({ role: "records", level: "silent" });
  layEmptyPostgres(dataDir);
  const database = await openDatabase({ dataDir, log });
  const tokens = [{ token: TOKEN, role: "admin" }] as const;
  const { url, close } = await startRecords({
    database,
    tokens,
    port: 0,
    clock: systemClock,
    log,
    quirks: { nextOnLastPage },
  });
  const send = async (method: string, path: string, body: object) => {
    const answer = await fetch(`${url}/api/v2/custom_objects${path}`, {
      method,
      headers: { Authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
  };
  return {
    url,
    async define(key, fields, { uniqueNames = false } = {}) {
      await send("POST", "", { custom_object: { key, title: key, title_pluralized: key } });
      for (const field of fields) await send("POST", `/${key}/fields`, { custom_object_field: field });
      const properties = { is_unique: uniqueNames };
      await send("PATCH", `/${key}/fields/standard::name`, { custom_object_field: { properties } });
    },
    async close() {
      await close();
      await database.close();
      await rm(dataDir, { recursive: true });
    },
  };
}
