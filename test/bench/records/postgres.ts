import { Client } from "pg";
import { findPostgres, startRealPostgres } from "../../real-postgres.ts";
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
  const server = await startRealPostgres(programs, { settings: ["max_connections=200"] });
  return {
    url: server.url,
    version: await versionAt(server.url),
    processorMicros: () => familyProcessorMicros(server.pid()),
    stop: async () => await server.close(),
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

async function versionAt(url: string): Promise<string> {
  const [row] = await ask<{ server_version: string }>(url, "show server_version");
  return row?.server_version ?? "";
}
