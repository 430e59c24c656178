import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createLog, startRedis, type RunningRedis } from "@sluice/runtime";
import { runCommand } from "../sluice-commands.ts";
import { freePort } from "../sluice-process.ts";
import { imbalance, readAccounts } from "./accounts.ts";
import { chaosConfiguration, DESTINATION_TIMEOUT_MS, SETTLE_AFTER_SILENCE_MS } from "./configuration.ts";
import { startMember, type Member, type Role } from "./processes.ts";
import { createRandom } from "./random.ts";
import { startRedisProxy } from "./redis-proxy.ts";
import { SENDERS } from "./sources.ts";
import { readRecords, type StoreAddress } from "./store-records.ts";
import { until } from "../until.ts";

/** Timeout and lease of the destination, which the workers take for one that checks no token. */
const TIMEOUT_MS = 1500;
const LEASE_MS = 4500;

/** A worker that stops in the middle of its work and goes on when its lease is long over: guarantee 3. */
const folder = mkdtempSync(join(tmpdir(), "sluice-frozen-"));
const log = createLog({ role: "test", level: "silent" });
const members: Member[] = [];
let redis: RunningRedis;
let admin: Redis;
let store: StoreAddress;
let turnstile: Turnstile;
let ingress: Member;
/** The worker that takes over. It writes to the store past the turnstile. */
let other: Member;

beforeAll(async () => {
  redis = await startRedis({ dataDir: join(folder, "queue"), env: process.env, log });
  admin = new Redis(redis.url);
  const port = await freePort();
  store = { url: `http://127.0.0.1:${port}`, token: "frozen-worker-token" };
  turnstile = await startTurnstile(store.url);
  await start("records", store.url, { port });
  ingress = await start("ingress", store.url);
  other = await start("worker", store.url);
  other.freeze();
});
afterAll(async () => {
  await Promise.all(members.map(async (member) => await member.end()));
  turnstile.server.closeAllConnections();
  turnstile.server.close();
  admin.disconnect();
  await redis.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(
  role: Role,
  destination: string,
  more: { port?: number; redisUrl?: string } = {},
): Promise<Member> {
  const config = join(folder, `${role}-${members.length}.yaml`);
  const usual = `timeout: ${DESTINATION_TIMEOUT_MS}ms\n    settle_after_silence: ${SETTLE_AFTER_SILENCE_MS}ms`;
  const short = `timeout: ${TIMEOUT_MS}ms\n    settle_after_silence: ${LEASE_MS}ms\n    fences: false`;
  const text = chaosConfiguration(destination, store.token);
  expect(text).toContain(usual);
  writeFileSync(config, text.replace(usual, short));
  const member = startMember(role, more.port ?? (await freePort()), {
    SLUICE_CONFIG: config,
    SLUICE_DATA_DIR: join(folder, "store"),
    SLUICE_RECORDS_TOKEN: store.token,
    SLUICE_REDIS_URL: more.redisUrl ?? redis.url,
  });
  members.push(member);
  await member.ready();
  return member;
}

async function send(record: number, version: number, set: object): Promise<void> {
  const data = { record, version: String(version), name: `n${version}`, set };
  const request = SENDERS.erp.sign([{ type: "product.updated", data }], `erp-${record}-${version}`, Date.now());
  const { status } = await fetch(`${ingress.url}/webhooks/erp`, { method: "POST", ...request });
  expect(status).toBe(202);
}

/** Holds or resumes the destination, as an operator does. */
async function operate(command: "hold" | "resume"): Promise<void> {
  const env = { SLUICE_CONFIG: join(folder, "held.yaml"), SLUICE_RECORDS_TOKEN: store.token };
  writeFileSync(env.SLUICE_CONFIG, chaosConfiguration(store.url, store.token));
  const { code, output } = await runCommand([command, "crm"], { ...env, SLUICE_REDIS_URL: redis.url });
  expect(code, output).toBe(0);
}

/** The other worker takes over once the lease is over, and writes newer values. */
async function takeOver(record: number): Promise<void> {
  await send(record, 2, { tier: "new" });
  other.thaw();
  await until(async () => (await readAccounts(admin)).pending === 0);
  other.freeze();
}

const OLD = { tier: "old", city: "only the old one says" };
const RIGHT = { name: "n2", tier: "new", city: "only the old one says" };

async function expectBalance(changes: number): Promise<void> {
  const accounts = await readAccounts(admin);
  expect(accounts).toMatchObject({ accepted: changes, pending: 0 });
  expect(imbalance(accounts)).toEqual([]);
}

test("a write that was on its way when its worker froze is refused by its token when it arrives after newer ones", async () => {
  const worker = await start("worker", turnstile.url);
  await send(1, 1, OLD);
  const held = await turnstile.first;
  worker.freeze();
  await takeOver(1);
  expect(await stored()).toEqual([["product product-1", RIGHT]]);

  expect(await held.letGo()).toMatchObject({ status: 409, body: { error: "StaleFence" } });
  worker.thaw();
  // The worker ends in peace: it has done by then whatever it wanted to do.
  await worker.end();
  expect(await stored()).toEqual([["product product-1", RIGHT]]);
  await expectBalance(2);
});

test("a worker that froze between claim and request starts none when its lease is over: what holds where no token is checked", async () => {
  const proxy = await startRedisProxy(redis.url, createRandom(1, "redis").next);
  const worker = await start("worker", turnstile.url, { redisUrl: proxy.url });
  const before = turnstile.seen.length;
  // The other worker merges the change during a hold, so that this one has nothing to do but to claim.
  worker.freeze();
  await operate("hold");
  other.thaw();
  await send(2, 1, OLD);
  await until(async () => (await readAccounts(admin)).pending === 1);
  other.freeze();
  await operate("resume");
  // This worker claims, and freezes before it hears so.
  const hear = proxy.withholdAnswers();
  worker.thaw();
  await until(async () => (await claimedRecords()) === 1);
  worker.freeze();
  hear();
  await takeOver(2);

  worker.thaw();
  await worker.end();
  expect(turnstile.seen.slice(before)).toEqual([]);
  expect(await stored()).toEqual([
    ["product product-1", RIGHT],
    ["product product-2", RIGHT],
  ]);
  await expectBalance(4);
  await proxy.close();
});

/** Records whose lease runs. */
async function claimedRecords(): Promise<number> {
  return await admin.zcount("{sluice:crm}:due", Date.now() + TIMEOUT_MS, "+inf");
}

async function stored(): Promise<unknown[]> {
  const all: [string, object][] = [];
  for await (const { record, fields } of readRecords(store, "product")) all.push([record, Object.fromEntries(fields)]);
  return all.toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** Takes requests for the store, and holds the first until it is let go. */
type Turnstile = {
  readonly url: string;
  readonly server: Server;
  readonly first: Promise<Held>;
  readonly seen: string[];
};
type Held = { letGo(): Promise<{ readonly status: number; readonly body: unknown }> };

async function startTurnstile(storeUrl: string): Promise<Turnstile> {
  const seen: string[] = [];
  const first = Promise.withResolvers<Held>();
  const pass = async ({ method, url, headers }: IncomingMessage, body: Buffer): Promise<Response> =>
    await fetch(`${storeUrl}${url}`, {
      method: method ?? "GET",
      headers: Object.entries(headers)
        .filter(([name]) => !["host", "connection", "content-length", "transfer-encoding"].includes(name))
        .map(([name, value]) => [name, String(value)]),
      ...(body.length === 0 ? {} : { body: new Uint8Array(body) }),
    });
  const answer = async (request: IncomingMessage): Promise<Response | null> => {
    const body = Buffer.concat(await request.toArray());
    seen.push(`${request.method} ${request.url}`);
    if (seen.length > 1) return await pass(request, body);
    first.resolve({
      async letGo() {
        const late = await pass(request, body);
        return { status: late.status, body: await late.json() };
      },
    });
    return null;
  };
  const server = createServer((request, response) => {
    void (async () => {
      const passed = await answer(request);
      if (passed !== null) response.writeHead(passed.status).end(await passed.text());
    })();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server, first: first.promise, seen };
}
