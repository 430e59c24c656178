import { mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/**
 * Where the private Redis of a data directory is: written before the server starts, so that whoever
 * comes after a crash knows of it, and removed when it has stopped. It holds the password; only
 * the owner may read it.
 */
export type Endpoint = {
  /** The directory that this belongs to: a copy of a data directory must not lead to the original's Redis. */
  readonly directory: string;
  readonly url: string;
  /** For people: what runs there. */
  readonly program: string;
  /** The name of its container, where Docker runs it. */
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
    // Missing, or cut short by a crash: then no server was started after it.
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
