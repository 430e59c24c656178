import { join, resolve } from "node:path";
import { existsSync } from "node:fs";
import { createLog, holdDataDirectory, openDatabase } from "@sluice/runtime";
import { askForBackup } from "../backup/control.ts";
import { makeBackup, type Manifest } from "../backup/backup.ts";
import { restoreBackup } from "../backup/restore.ts";
import type { AddCommand } from "../command.ts";
import type { Settings } from "../environment.ts";

export const backupCommand: AddCommand = (program, shell) => {
  program
    .command("backup")
    .argument("<folder>", "where the backup goes: a folder that is not there yet")
    .description("copies the data directory (private Redis, embedded Postgres, tokens), while Sluice runs or not")
    .action(async (folder: string) => {
      const settings = shell.settings(undefined);
      const to = resolve(folder);
      const manifest = (await askForBackup(settings.dataDir, to)) ?? (await backUpStopped(settings, to));
      const parts = [manifest.redis ? "Redis" : "", manifest.postgres ? "Postgres" : "", "tokens"].filter(Boolean);
      console.log(
        `${to} holds ${parts.join(", ")} as of ${manifest.madeAt}. It holds secrets: keep it as the data directory is kept.`,
      );
    });
};

export const restoreCommand: AddCommand = (program, shell) => {
  program
    .command("restore")
    .argument("<folder>", "a backup")
    .option("--replace", "set aside what is in the data directory")
    .description("lays out a backup as the data directory, and says what there is to compare")
    .action(async (folder: string, options: { replace?: boolean }) => {
      const settings = shell.settings(undefined);
      const held = await holdDataDirectory(settings.dataDir, "sluice restore");
      try {
        const replace = options.replace === true;
        const { manifest, setAside } = await restoreBackup(resolve(folder), settings, { replace, nowMs: Date.now() });
        if (setAside !== null) console.log(`The earlier content is in ${setAside}.`);
        console.log(
          `${held.path} is as it was at ${manifest.madeAt}. What was acknowledged and written since is not in it: after the next start ` +
            "compare the destinations with what the sources have, and with what they confirmed (`sluice reconcile DESTINATION`), have " +
            "the sources send again what differs, then say " +
            "`sluice audit --seen`. Until then /readyz and `sluice audit` tell of it.",
        );
      } finally {
        held.release();
      }
    });
};

async function backUpStopped(settings: Settings, to: string): Promise<Manifest> {
  const { dataDir } = settings;
  const held = await holdDataDirectory(dataDir, "sluice backup");
  try {
    const has = (name: string): boolean => existsSync(join(dataDir, name));
    const log = createLog({ role: "backup", level: "warn", readable: true });
    const database = has("postgres") ? await openDatabase({ dataDir, log }) : null;
    try {
      return await makeBackup({ dataDir, redis: has("redis") ? { url: null } : null, database }, to, Date.now());
    } finally {
      await database?.close();
    }
  } finally {
    held.release();
  }
}
