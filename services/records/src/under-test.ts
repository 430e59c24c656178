import { randomBytes } from "node:crypto";
import { cp, mkdtemp } from "node:fs/promises";
import type { Server } from "node:http";
import { join } from "node:path";
import type { Express } from "express";
import supertest, { type Test } from "supertest";
import { inject } from "vitest";
import { createLog, openDatabase, systemClock, type Clock, type Database } from "@sluice/runtime";
import { documentedAnswers } from "./api/documented.fixture.ts";
import { openApiDocument } from "./api/openapi.ts";
import { createRecordsApp, type RecordsAppOptions } from "./app.ts";

/** The store as its tests see it: the app over a database of its own. */
export type StoreUnderTest = {
  readonly app: Express;
  readonly database: Database;
  /** Another app on the same database, as another process would be. */
  another(options?: Partial<RecordsAppOptions>): Promise<Express>;
  close(): Promise<void>;
};

export const ADMIN = "admin-token";
export const AGENT = "agent-token";
export const READER = "reader-token";

export const TOKENS = [
  { token: ADMIN, role: "admin", email: "admin@example.com" },
  { token: AGENT, role: "agent" },
  { token: READER, role: "read-only" },
] as const;

/** Opens the store in a database made for it on the tests' Postgres server, or on PGlite where there is none (test/servers.ts). */
export async function storeUnderTest(options: Partial<RecordsAppOptions> = {}): Promise<StoreUnderTest> {
  const { database, drop } = await freshDatabase();
  const another = async (more: Partial<RecordsAppOptions> = {}) => {
    const { app, operations } = await createRecordsApp({
      database,
      tokens: TOKENS,
      clock: systemClock,
      log: LOG,
      ...options,
      ...more,
    });
    checks.set(app, documentedAnswers(openApiDocument(operations, `http://${HOST}`)));
    return app;
  };
  return { app: await another(), database, another, close: drop };
}

/** The checks of each app's answers: an answer to a test must be one that the app's document knows. */
const checks = new WeakMap<Express, ReturnType<typeof documentedAnswers>>();

export const LOG = createLog({ role: "records", level: "silent" });

/** A store that no test uses any more, emptied. */
let idle: Database | undefined;

/** Opening the embedded Postgres takes one to two seconds of processor time, emptying it a tenth: the files of a process share it. */
async function embedded(): Promise<{ database: Database; drop: () => Promise<void> }> {
  const database = idle ?? (await openEmbedded());
  idle = undefined;
  const drop = async () => {
    await database.script("discard all");
    await database.script("drop schema records, public cascade; create schema public");
    if (idle === undefined) idle = database;
    else await database.close();
  };
  return { database, drop };
}

async function openEmbedded(): Promise<Database> {
  const dataDir = await mkdtemp(join(inject("folder"), "records-"));
  await cp(inject("emptyPostgres"), join(dataDir, "postgres"), { recursive: true });
  return await openDatabase({ dataDir, log: LOG });
}

async function freshDatabase(): Promise<{ database: Database; drop: () => Promise<void> }> {
  const server = inject("databaseUrl");
  if (server === null) return await embedded();
  const name = `sluice_records_${randomBytes(6).toString("hex")}`;
  const admin = await openDatabase({ url: server, dataDir: "", log: LOG });
  await admin.query(`create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const database = await openDatabase({ url: url.href, dataDir: "", log: LOG });
  const drop = async () => {
    await database.close();
    await admin.query(`drop database ${name}`);
    await admin.close();
  };
  return { database, drop };
}

/** A time that moves only when it is told to. */
export function steppingClock(startMs = Date.parse("2026-11-23T08:00:00Z")): Clock & { advance(ms: number): void } {
  let now = startMs;
  return {
    nowMs: () => now,
    advance(ms) {
      now += ms;
    },
  };
}

/** Links are built from this host, since the port is chance. */
const HOST = "records.test";

/**
 * One server for all requests to an app. supertest by itself opens one for each, and where many tests do so side by side
 * a port that was free can be taken before it is listened on: EADDRINUSE, once in some thousand requests.
 */
function served(app: Express): Server {
  const found = servers.get(app);
  if (found !== undefined) return found;
  const server = app.listen(0);
  server.unref();
  servers.set(app, server);
  return server;
}

const servers = new WeakMap<Express, Server>();

/** Requests to the API with one token. */
export function client(app: Express, token: string = ADMIN) {
  const ask =
    (method: "get" | "post" | "patch" | "put" | "delete") =>
    (path: string, body?: object | string): Test => {
      const agent = supertest(served(app));
      const request = agent[method](`/api/v2/${path}`).set("Authorization", `Bearer ${token}`).set("Host", HOST);
      request.expect((answer) => checks.get(app)?.(method, `/api/v2/${path}`, answer));
      return body === undefined ? request : request.set("Content-Type", "application/json").send(body);
    };
  return { get: ask("get"), post: ask("post"), patch: ask("patch"), put: ask("put"), delete: ask("delete") };
}

export type Field = { readonly key: string } & Readonly<Record<string, unknown>>;

let made = 0;

/** Makes an object that no other test has and answers its key. */
export async function objectWith(
  app: Express,
  { fields = [], name }: { fields?: readonly Field[]; name?: object } = {},
): Promise<string> {
  made += 1;
  const key = `object_${made}`;
  const api = client(app);
  await api.post("custom_objects", { custom_object: { key, title: "Thing", title_pluralized: "Things" } }).expect(201);
  for (const field of fields) {
    const custom_object_field = { title: field.key.toUpperCase(), ...field };
    await api.post(`custom_objects/${key}/fields`, { custom_object_field }).expect(201);
  }
  if (name !== undefined) {
    const custom_object_field = { properties: name };
    await api.patch(`custom_objects/${key}/fields/standard::name`, { custom_object_field }).expect(200);
  }
  return key;
}

/** The body of a 422 with these details. */
export function invalid(details: Record<string, { description: string; error: string }[]>): object {
  return { error: "RecordInvalid", description: "Record validation errors", details };
}
