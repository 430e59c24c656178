import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SluiceError } from "./error.ts";

export type TokenOptions = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly dataDir: string;
};

/** The name of a token's variable. `SLUICE_RECORDS_TOKEN` names the token that the records store accepts. */
export type TokenName = `SLUICE_${string}_TOKEN`;

/**
 * The token from the environment, else the one kept in the data directory, which is made at its first use.
 * @throws SluiceError `data_directory_unusable`
 */
export function readToken(name: TokenName, { env, dataDir }: TokenOptions): string {
  const there = findToken(name, { env, dataDir });
  if (there !== undefined) return there;
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    return made(fileOf(name, dataDir));
  } catch (cause) {
    throw new SluiceError(`${name} is not set, and none can be made in the data directory`, {
      code: "data_directory_unusable",
      hint: `set ${name}, or SLUICE_DATA_DIR to a directory that can be written to`,
      cause,
    });
  }
}

/** The token that there is, and none that is made: for who asks a role, which knows no other than its own. */
export function findToken(name: TokenName, { env, dataDir }: TokenOptions): string | undefined {
  const given = env[name];
  return given === undefined || given === "" ? kept(fileOf(name, dataDir)) : given;
}

function fileOf(name: TokenName, dataDir: string): string {
  return join(dataDir, name.replace("SLUICE_", "").toLowerCase().replaceAll("_", "-"));
}

function kept(file: string): string | undefined {
  try {
    const token = readFileSync(file, "utf8").trim();
    return token === "" ? undefined : token;
  } catch {
    return undefined;
  }
}

function made(file: string): string {
  const draft = `${file}.${process.pid}`;
  rmSync(draft, { force: true });
  writeFileSync(draft, `${randomBytes(24).toString("base64url")}\n`, { mode: 0o600 });
  try {
    linkSync(draft, file);
  } catch {
    // Another role of this machine was quicker: its token counts, not ours.
  } finally {
    rmSync(draft, { force: true });
  }
  const token = kept(file);
  if (token === undefined) throw new Error(`${file} can't be read back`);
  return token;
}
