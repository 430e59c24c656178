import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { createLog, startRedis } from "@sluice/runtime";
import { REWRITE_DEADLINE_MS } from "./limits.ts";

/** The one Redis of a benchmark: private, and set as Sluice's own is (every write is on the disk first). */
export type BenchRedis = {
  readonly url: string;
  /** Forgets everything, on the disk too, so that each contestant starts with the same. */
  empty(): Promise<void>;
  stop(): Promise<void>;
};

export async function startBenchRedis(): Promise<BenchRedis> {
  const dataDir = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  const log = createLog({ role: "bench", level: "warn" });
  const server = await startRedis({ dataDir, env: process.env, log });
  const redis = new Redis(server.url);
  // A rewrite that starts by itself would hit one contestant and not the others.
  await redis.config("SET", "auto-aof-rewrite-percentage", "0");
  return {
    url: server.url,
    async empty() {
      await redis.flushall();
      await redis.bgrewriteaof();
      const deadline = Date.now() + REWRITE_DEADLINE_MS;
      while (/aof_rewrite_(in_progress|scheduled):1/.test(await redis.info("persistence"))) {
        if (Date.now() > deadline) throw new Error("Redis did not rewrite its file in time");
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async stop() {
      redis.disconnect();
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
