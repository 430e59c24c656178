import { startRecords } from "@sluice/records";
import { createLog, openDatabase, systemClock } from "@sluice/runtime";
import { serveParent } from "../child.ts";

/** services/records as it ships, on the benchmark's Postgres. */
export type StoreSettings = { readonly databaseUrl: string; readonly token: string };

if (import.meta.main) {
  serveParent(async ({ databaseUrl, token }: StoreSettings) => {
    const log = createLog({ role: "records", level: "warn" });
    const database = await openDatabase({ url: databaseUrl, dataDir: "", log });
    const running = await startRecords({
      database,
      tokens: [{ token, role: "admin" }],
      port: 0,
      clock: systemClock,
      log,
    });
    return {
      url: running.url,
      async close() {
        await running.close();
        await database.close();
      },
    };
  });
}
