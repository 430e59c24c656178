import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createLog, startRedis, type RunningRedis } from "@sluice/runtime";
import { freePort } from "../sluice-process.ts";
import { readAccounts } from "./accounts.ts";
import { chaosConfiguration, DESTINATION_TIMEOUT_MS } from "./configuration.ts";
import { startMember, type Member, type Role } from "./processes.ts";
import { SENDERS } from "./sources.ts";
import { readRecords, type StoreAddress } from "./store-records.ts";

/** A worker that stops in the middle of its work and goes on when its lease is long over: guarantee 3. */
const folder = mkdtempSync(join(tmpdir(), "sluice-frozen-"));
const log = createLog({ role: "test", level: "silent" });
let redis: RunningRedis;
let admin: Redis;
let store: StoreAddress;
let turnstile: Turnstile;
let members: Member[];

beforeEach(async () => {
  redis = await startRedis({ dataDir: join(folder, "queue"), env: process.env, log });
  admin = new Redis(redis.url);
  store = { url: `http://127.0.0.1:${await freePort()}`, token: "frozen-worker-token" };
  turnstile = await startTurnstile(store.url);
  members = [];
}, 60_000);
afterEach(async () => {
  await Promise.all(members.map(async (member) => await member.end()));
  turnstile.server.closeAllConnections();
  turnstile.server.close();
  admin.disconnect();
  await redis.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(role: Role, name: string, destination: string, port?: number): Promise<Member> {
  const config = join(folder, `${name}.yaml`);
  // One request at a time: a second record is claimed only when there is a place for its request.
  writeFileSync(config, chaosConfiguration(destination, store.token).replace("concurrency: 6", "concurrency: 1"));
  const member = startMember(role, port ?? (await freePort()), {
    SLUICE_CONFIG: config,
    SLUICE_DATA_DIR: join(folder, "store"),
    SLUICE_RECORDS_TOKEN: store.token,
    SLUICE_REDIS_URL: redis.url,
  });
  members.push(member);
  await member.ready();
  return member;
}

test("a worker frozen between claim and write, past its lease, overwrites nothing when it goes on", async () => {
  await start("records", "records", store.url, Number(new URL(store.url).port));
  const ingress = await start("ingress", "ingress", store.url);
  const frozen = await start("worker", "frozen", turnstile.url);
  const send = async (record: number, version: number, set: object): Promise<void> => {
    const data = { record, version: String(version), name: `n${version}`, set };
    const id = `erp-${record}-${version}`;
    const request = SENDERS.erp.sign([{ type: "product.updated", data }], id, Date.now());
    const { status } = await fetch(`${ingress.url}/webhooks/erp`, { method: "POST", ...request });
    expect(status).toBe(202);
  };

  // The first record's request is on its way and does not arrive; the second record is due and nobody has claimed it.
  await send(1, 1, { tier: "old", city: "only the old one says" });
  const held = await turnstile.first;
  await send(2, 1, { tier: "old" });
  expect(await claimedRecords()).toBe(1);
  const stopped = performance.now();
  frozen.freeze();

  // Another worker takes over once the lease is over, and writes newer values.
  await send(1, 2, { tier: "new" });
  await send(2, 2, { tier: "new" });
  await start("worker", "other", store.url);
  await until(async () => (await readAccounts(admin)).pending === 0);
  expect(performance.now() - stopped).toBeGreaterThan(DESTINATION_TIMEOUT_MS);
  const right = [
    ["product product-1", { name: "n2", tier: "new", city: "only the old one says" }],
    ["product product-2", { name: "n2", tier: "new" }],
  ];
  expect(await stored()).toEqual(right);

  // Now the late request arrives, and the store refuses it by its fencing token.
  expect(await held.letGo()).toMatchObject({ status: 409, body: { error: "StaleFence" } });
  frozen.thaw();
  // It ends in peace: whatever it wanted to do it has done by then.
  await frozen.end();
  expect(await stored()).toEqual(right);
  // Zendesk knows no tokens. There it is this that counts: on a lease that is over no request starts.
  expect(turnstile.seen).toHaveLength(1);
  const { accepted, pending, outcomes } = await readAccounts(admin);
  expect({ accepted, pending }).toEqual({ accepted: 4, pending: 0 });
  expect(Object.values(outcomes).reduce((sum, count) => sum + count, 0)).toBe(4);
}, 120_000);

/** Records whose lease runs. */
async function claimedRecords(): Promise<number> {
  return await admin.zcount("{sluice:crm}:due", Date.now() + DESTINATION_TIMEOUT_MS, "+inf");
}

async function stored(): Promise<unknown[]> {
  const all: [string, object][] = [];
  for await (const { record, fields } of readRecords(store, "product")) all.push([record, Object.fromEntries(fields)]);
  return all.toSorted(([a], [b]) => (a < b ? -1 : 1));
}

async function until(done: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 60_000;
  while (!(await done())) {
    if (performance.now() > end) throw new Error(`not so after 60 s: ${done.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
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
