import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { openQueue } from "@sluice/queue";
import { createLog, redisDirectory, restorePglite, SluiceError, startRedis } from "@sluice/runtime";
import type { Settings } from "../environment.ts";
import { isToken, MANIFEST_FILE, POSTGRES_FILE, type Manifest } from "./backup.ts";

/** The lock's files. A directory that this process holds counts as empty with them alone. */
const LOCK = /^sluice\.lock/;

/**
 * Lays out a backup in the data directory, whose lock the caller holds. The state gets another name and higher marks, and says that it
 * was restored until somebody has compared.
 * @param replace whether the present content is set aside, in a folder of the same directory
 * @returns the backup, and the folder where the earlier content is now
 */
export async function restoreBackup(
  from: string,
  { dataDir, env }: Pick<Settings, "dataDir" | "env">,
  { replace, nowMs }: { readonly replace: boolean; readonly nowMs: number },
): Promise<{ readonly manifest: Manifest; readonly setAside: string | null }> {
  const manifest = readManifest(from);
  const there = readdirSync(dataDir).filter((name) => !LOCK.test(name));
  const setAside = there.length === 0 ? null : join(dataDir, `replaced-${nowMs}`);
  if (setAside !== null && !replace) {
    throw new SluiceError(`${dataDir} is not empty`, {
      code: "restore_not_empty",
      hint: "choose another SLUICE_DATA_DIR, or say --replace: the present content is set aside then, in a folder of the same directory",
    });
  }
  if (setAside !== null) {
    mkdirSync(setAside, { mode: 0o700 });
    for (const name of there) renameSync(join(dataDir, name), join(setAside, name));
  }
  for (const name of readdirSync(from)) if (isToken(name)) copyFileSync(join(from, name), join(dataDir, name));
  if (manifest.postgres) {
    const directory = join(dataDir, "postgres");
    mkdirSync(directory, { mode: 0o700 });
    await restorePglite(directory, new Uint8Array(readFileSync(join(from, POSTGRES_FILE))));
  }
  if (manifest.redis) {
    cpSync(join(from, "redis"), redisDirectory(dataDir), { recursive: true });
    const redis = await startRedis({
      dataDir,
      env,
      log: createLog({ role: "restore", level: "warn", readable: true }),
    });
    try {
      const none = { destinations: [], dedupeWindowMs: 0, orderingHorizonMs: 0, onError: () => {} };
      const queue = await openQueue({ redisUrl: redis.url, kind: "command", ...none });
      await queue.state.restored(nowMs);
      await queue.close();
    } finally {
      await redis.stop();
    }
  }
  return { manifest, setAside };
}

function readManifest(from: string): Manifest {
  try {
    const manifest = JSON.parse(readFileSync(join(from, MANIFEST_FILE), "utf8")) as Manifest;
    if (manifest.format === 1) return manifest;
  } catch {
    // The error below tells of this.
  }
  throw new SluiceError(`${from} is no backup of this version of Sluice`, {
    code: "backup_unreadable",
    hint: "name the folder that `sluice backup` made; one without a manifest.json was not finished",
  });
}
