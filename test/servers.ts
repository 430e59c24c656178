import { execFileSync, spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { createLog, startRedis } from "@sluice/runtime";
import { Redis } from "ioredis";
import type { TestProject } from "vitest/node";
import { findChromium } from "./chromium.ts";
import { COMPILED, EMPTY_POSTGRES, makeEmptyPostgres } from "./empty-postgres.ts";
import { makeRunFolder } from "./run-folder.ts";

/**
 * The one place where tests get their Redis and Postgres from:
 *  1. `SLUICE_TEST_REDIS_URL` and `SLUICE_TEST_DATABASE_URL`, if they are set;
 *  2. a testcontainer, where a Docker engine answers and has the image already;
 *  3. Sluice's own private Redis; and no Postgres server: then tests use the embedded one.
 * Everything in Redis is kept apart by namespaces, so one server serves all files.
 */
declare module "vitest" {
  export interface ProvidedContext {
    redisUrl: string;
    /** Null: tests open the embedded Postgres. */
    databaseUrl: string | null;
    /** A folder for files of the run, until the run ends. */
    folder: string;
    /** The directory to copy as the `postgres` of a data directory (test/empty-postgres.ts). */
    emptyPostgres: string;
    /** The machine's browser; null: tests in a browser are skipped, and say so. */
    chromium: string | null;
  }
}

type Server = { readonly url: string; readonly how: string; stop(): Promise<void> };

/** The images of docker-compose.yml. */
const REDIS_IMAGE = "redis:8-alpine";
const POSTGRES_IMAGE = "postgres:18-alpine";
const REAPER_IMAGE = "testcontainers/ryuk:0.14.0";

export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  // The cache is for this run's processes and all that they start.
  process.env["NODE_COMPILE_CACHE"] ??= COMPILED;
  const made = makeEmptyPostgres();
  const folder = makeRunFolder();
  provide("folder", folder);
  provide("chromium", findChromium(process.env["PATH"] ?? ""));
  const redis = given("SLUICE_TEST_REDIS_URL") ?? (await redisContainer()) ?? (await privateRedis(folder));
  const database = given("SLUICE_TEST_DATABASE_URL") ?? (await postgresContainer());
  console.log(`Redis: ${redis.how}. Postgres: ${database?.how ?? "the embedded one (PGlite)"}.`);
  provide("redisUrl", redis.url);
  provide("databaseUrl", database?.url ?? null);
  await made;
  provide("emptyPostgres", EMPTY_POSTGRES);
  return async () => {
    await Promise.all([redis.stop(), database?.stop()]);
    rmSync(folder, { recursive: true, force: true });
  };
}

function given(name: string): Server | null {
  const url = process.env[name];
  return url === undefined || url === "" ? null : { url, how: name, stop: async () => {} };
}

async function redisContainer(): Promise<Server | null> {
  return await contained(REDIS_IMAGE, async ({ GenericContainer }) => {
    const container = await new GenericContainer(REDIS_IMAGE)
      .withCommand([
        "redis-server",
        "--appendonly",
        "yes",
        "--maxmemory-policy",
        "noeviction",
        "--protected-mode",
        "no",
      ])
      .withExposedPorts(6379)
      .start();
    const url = `redis://${container.getHost()}:${container.getMappedPort(6379)}/0`;
    return { url, container };
  });
}

async function postgresContainer(): Promise<Server | null> {
  return await contained(POSTGRES_IMAGE, async ({ GenericContainer, Wait }) => {
    const container = await new GenericContainer(POSTGRES_IMAGE)
      .withEnvironment({ POSTGRES_PASSWORD: "sluice" })
      .withExposedPorts(5432)
      // The check goes over TCP: the image sets itself up with a server that listens on a socket file only.
      .withWaitStrategy(Wait.forSuccessfulCommand("pg_isready --host=127.0.0.1 --username=postgres"))
      .start();
    const url = `postgres://postgres:sluice@${container.getHost()}:${container.getMappedPort(5432)}/postgres`;
    return { url, container };
  });
}

type Testcontainers = typeof import("testcontainers");
type Started = { readonly url: string; readonly container: { getId(): string; stop(): Promise<unknown> } };

/** An engine that has the image but can't run it is reported and passed over: the embedded servers serve as well. */
async function contained(
  image: string,
  start: (testcontainers: Testcontainers) => Promise<Started>,
): Promise<Server | null> {
  if (!engineHas(image)) return null;
  // Testcontainers' reaper comes as an image of its own. Nothing is pulled here, and the teardown stops all containers.
  if (!engineHas(REAPER_IMAGE)) process.env["TESTCONTAINERS_RYUK_DISABLED"] = "true";
  try {
    const { url, container } = await start(await import("testcontainers"));
    const release = endWithThisProcess(container.getId());
    return {
      url,
      how: `a container of ${image}`,
      async stop() {
        release();
        await container.stop();
      },
    };
  } catch (error) {
    console.warn(`The Docker engine could not run ${image}: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}

/** A run that is broken off (Ctrl-C, a CI job's time) comes to no teardown, and without the reaper its container would stay. */
function endWithThisProcess(id: string): () => void {
  const remove = (): void =>
    void spawnSync("docker", ["rm", "--force", "--volumes", id], { stdio: "ignore", timeout: 10_000 });
  const exit = (): void => process.exit();
  process.on("exit", remove).on("SIGTERM", exit).on("SIGINT", exit);
  return () => void process.off("exit", remove).off("SIGTERM", exit).off("SIGINT", exit);
}

/** Nothing is pulled for a test run: an image that is not there means that the embedded servers serve. */
function engineHas(image: string): boolean {
  try {
    execFileSync("docker", ["image", "inspect", image], { stdio: "ignore", timeout: 5000 });
    return true;
  } catch {
    return false;
  }
}

async function privateRedis(dataDir: string): Promise<Server> {
  const log = createLog({ role: "test", level: "warn", readable: true });
  const { url, program, stop } = await startRedis({ dataDir, env: process.env, log });
  // No test kills this server: tests of crashes have their own. A sync after each write would be half of its work.
  const redis = new Redis(url);
  await redis.config("SET", "appendfsync", "everysec");
  redis.disconnect();
  return { url, how: program, stop };
}
