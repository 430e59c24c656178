import { mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/**
 * The place of the private Redis of a data directory: written before the server starts, so that the next start
 * after a crash knows of it, and removed when it has stopped. The file holds the password; only
 * the owner may read it.
 */
export type Endpoint = {
  /** The directory of this Redis: a copy of a data directory must not lead to the original's Redis. */
  readonly directory: string;
  readonly url: string;
  /** The program that runs there, for people. */
  readonly program: string;
  /** The name of the container, where Docker runs the server. */
  readonly container?: string | undefined;
};

const SCHEMA = z.strictObject({
  directory: z.string(),
  url: z.string(),
  program: z.string(),
  container: z.string().optional(),
});

/** The folder of the private Redis, made if it is missing, with all links resolved. */
export function redisDirectory(dataDir: string): string {
  const directory = join(dataDir, "redis");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return realpathSync(directory);
}

export function readEndpoint(directory: string): Endpoint | undefined {
  try {
    const endpoint = SCHEMA.parse(JSON.parse(readFileSync(fileIn(directory), "utf8")));
    return endpoint.directory === directory ? endpoint : undefined;
  } catch {
    // The file is missing, or cut short by a crash: then no server was started after it.
    return undefined;
  }
}

export function writeEndpoint(endpoint: Endpoint): void {
  const file = fileIn(endpoint.directory);
  writeFileSync(`${file}.new`, `${JSON.stringify(endpoint, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

export function removeEndpoint(directory: string): void {
  rmSync(fileIn(directory), { force: true });
}

function fileIn(directory: string): string {
  return join(directory, "endpoint.json");
}
