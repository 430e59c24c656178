import { copyFileSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { copyRedisFiles, copyRunningRedis, redisDirectory, SluiceError, type Database } from "@sluice/runtime";

/** The manifest of a backup. It is written last: a folder without one is no backup. */
export type Manifest = {
  readonly format: 1;
  readonly madeAt: string;
  readonly redis: boolean;
  readonly postgres: boolean;
};

export const MANIFEST_FILE = "manifest.json";
export const POSTGRES_FILE = "postgres.tar.gz";

/** The private parts of a Sluice, which belong into its backup. */
export type Backed = {
  readonly dataDir: string;
  /** The private Redis, and its URL; `url` null: nobody runs it. Null: this Sluice has none. */
  readonly redis: { readonly url: string | null } | null;
  /** Null: the database is not the embedded one. */
  readonly database: Database | null;
};

/**
 * Copies the private Redis, the embedded Postgres and the tokens. The copies of a running Sluice are of one moment, as after a crash:
 * while they are made Redis writes nothing, so a write to the store is in the copy or is made again.
 */
export async function makeBackup({ dataDir, redis, database }: Backed, to: string, nowMs: number): Promise<Manifest> {
  if (redis === null && database?.dump === undefined) {
    throw new SluiceError("this Sluice has no private Redis and no embedded Postgres", {
      code: "backup_nothing_private",
      hint: "back up your own Redis and Postgres with their own means",
    });
  }
  makeEmpty(to);
  try {
    const dump = async (): Promise<void> => {
      if (database?.dump !== undefined) writeFileSync(join(to, POSTGRES_FILE), await database.dump(), { mode: 0o600 });
    };
    const redisDir = redisDirectory(dataDir);
    if (redis !== null && redis.url !== null) await copyRunningRedis(redis.url, redisDir, join(to, "redis"), dump);
    else await dump();
    if (redis?.url === null) copyRedisFiles(redisDir, join(to, "redis"));
    for (const name of readdirSync(dataDir)) if (isToken(name)) copyFileSync(join(dataDir, name), join(to, name));
    const manifest: Manifest = {
      format: 1,
      madeAt: new Date(nowMs).toISOString(),
      redis: redis !== null,
      postgres: database?.dump !== undefined,
    };
    writeFileSync(join(to, `${MANIFEST_FILE}.new`), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });
    renameSync(join(to, `${MANIFEST_FILE}.new`), join(to, MANIFEST_FILE));
    return manifest;
  } catch (error) {
    for (const name of readdirSync(to)) rmSync(join(to, name), { recursive: true, force: true });
    throw error;
  }
}

export function isToken(name: string): boolean {
  return /^[a-z-]+-token$/.test(name);
}

function makeEmpty(to: string): void {
  mkdirSync(to, { recursive: true, mode: 0o700 });
  if (readdirSync(to).length === 0) return;
  throw new SluiceError(`${to} is not empty`, {
    code: "backup_not_empty",
    hint: "name a folder that is not there yet",
  });
}
