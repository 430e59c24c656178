import { execFileSync, spawn } from "node:child_process";
import { chownSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { findPostgres } from "../../real-postgres.ts";
import { freePort } from "../../sluice-process.ts";
import { familyProcessorMicros } from "../processor.ts";

/** The one Postgres of the benchmark: private, with its default settings. */
export type BenchPostgres = {
  readonly url: string;
  readonly version: string;
  /** Processor time of all its processes so far, ended ones among them; null for a server that was not started here. */
  processorMicros(): number | null;
  stop(): Promise<void>;
};

/** Starts a Postgres from the programs on this machine, or uses the one at `url`, whose schema `records` is thrown away. */
export async function benchPostgres(url: string | undefined): Promise<BenchPostgres> {
  if (url !== undefined) {
    await ask(url, "drop schema if exists records cascade");
    await ask(url, "drop table if exists sluice_migrations, plain");
    return { url, version: await versionAt(url), processorMicros: () => null, stop: async () => {} };
  }
  const programs = findPostgres();
  if (programs === null) throw new Error("no Postgres is installed here: name one with --database postgres://…");
  const directory = mkdtempSync(join(tmpdir(), "sluice-bench-postgres-"));
  // Postgres refuses to run as root.
  const owner = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  if (owner.uid !== undefined) chownSync(directory, NOBODY, NOBODY);
  execFileSync(join(programs, "initdb"), ["-D", join(directory, "data"), "-A", "trust", "-U", "postgres"], {
    ...owner,
    cwd: directory,
    stdio: "ignore",
  });
  const port = await freePort();
  const server = spawn(
    join(programs, "postgres"),
    [
      "-D",
      join(directory, "data"),
      "-p",
      String(port),
      "-h",
      "127.0.0.1",
      "-k",
      directory,
      "-c",
      "max_connections=200",
    ],
    { ...owner, cwd: directory, stdio: "ignore" },
  );
  const ended = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  const endWithUs = (): void => void server.kill("SIGINT");
  process.once("exit", endWithUs);
  const own = `postgres://postgres@127.0.0.1:${port}/postgres`;
  return {
    url: own,
    version: await versionAt(own),
    processorMicros: () => familyProcessorMicros(server.pid!),
    async stop() {
      process.removeListener("exit", endWithUs);
      endWithUs();
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** One statement on a connection of its own. */
export async function ask<Row = Record<string, unknown>>(
  url: string,
  sql: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql, values)).rows as Row[];
  } finally {
    await client.end();
  }
}

const NOBODY = 65_534;
const START_DEADLINE_MS = 30_000;

async function versionAt(url: string): Promise<string> {
  for (const deadline = Date.now() + START_DEADLINE_MS; ;) {
    try {
      const [row] = await ask<{ server_version: string }>(url, "show server_version");
      return row?.server_version ?? "";
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
