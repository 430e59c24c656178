import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import { createLog, startRedis } from "@sluice/runtime";
import { ORDER } from "../claims/claim-order.fixture.ts";
import { connect } from "../connection/connection.ts";
import { webhookOf } from "../intake/intake.fixture.ts";
import { runIntake } from "../intake/scripts.ts";
import { openQueue, type Claim, type Queue } from "../index.ts";

/** A Redis of its own, since it is filled. */
async function openFull(lanes: number): Promise<{
  readonly redis: Redis;
  readonly url: string;
  readonly namespace: string;
  open(kind: "door" | "worker"): Promise<Queue>;
}> {
  const dataDir = mkdtempSync(join(tmpdir(), "sluice-full-"));
  const server = await startRedis({ dataDir, env: process.env, log: createLog({ role: "test", level: "silent" }) });
  const redis = new Redis(server.url);
  const namespace = randomUUID();
  onTestFinished(async () => {
    redis.disconnect();
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
  return {
    redis,
    url: server.url,
    namespace,
    async open(kind) {
      const hour = 3_600_000;
      const options = { kind, destinations: ["crm"], dedupeWindowMs: hour, orderingHorizonMs: hour, namespace };
      const more = { lanes: new Map([["crm", lanes]]), onError: () => {} };
      const queue = await openQueue({ redisUrl: server.url, ...options, ...more });
      onTestFinished(async () => await queue.close());
      return queue;
    },
  };
}

test.for([1, 4])(
  "a Redis that is out of memory takes no webhook, and lets what is pending be claimed and settled in a destination of %i lanes",
  async (lanes, context) => {
    const { redis, open } = await openFull(lanes);
    const version = /^redis_version:(\d+)/m.exec(await redis.info("server"))?.[1];
    if (Number(version) < 7) context.skip(`scripts run at maxmemory since Redis 7, and this one is ${version}`);
    const [door, worker] = [await open("door"), await open("worker")];
    const change = {
      destination: "crm",
      object: "customer",
      key: { by: "external_id", value: "r" },
      version: { kind: "integer", value: 1n },
      effect: { kind: "fields", fields: new Map([["tier", "gold"]]) },
    } as const;
    const event = { id: "e", type: "t", time: null, source: "erp", data: null, headers: {} };
    const arrival = { micros: Date.now() * 1000, session: 1 };
    await worker.merging.merge([{ event, rank: 0, arrival, run: 0, changes: [change], faults: [] }]);
    await redis.config("SET", "maxmemory", "1");
    await expect(door.intake.add(webhookOf(["refused"]))).rejects.toMatchObject({ code: "queue_unavailable" });
    const claims: Claim[] = [];
    // The first look at the state ends although Redis takes no note of it.
    await expect
      .poll(
        async () => {
          const claimed = await worker.lane("crm").claim(ORDER);
          if (claimed.kind === "claimed") claims.push(...claimed.claims);
          return claims.length;
        },
        { timeout: 60_000 },
      )
      .toBe(1);
    // Where a failure holds the destination, the record is given back all the same.
    const blamed = { spent: true, blamed: true, why: "timeout" };
    expect(await worker.lane("crm").wait(claims.pop()!, 0, blamed)).toBe("waiting");
    const again = await worker.lane("crm").claim(ORDER);
    if (again.kind === "claimed") claims.push(...again.claims);
    expect(await worker.lane("crm").settleFields(claims[0]!)).toBe("quiet");
    // Numbers that people look at then are still to be seen.
    expect((await worker.lane("crm").numbers()).pendingRecords).toBe(0);
    expect((await worker.intake.numbers()).waitingWebhooks).toBe(0);
  },
);

/** Each process looks once a second, and nothing is claimed before a look: it must not fail for a token that it can't keep. */
test("the state is looked at though a Redis that is out of memory keeps no token", async () => {
  const { redis, url, namespace, open } = await openFull(1);
  await open("worker");
  const looking = connect(url, "worker", () => {});
  onTestFinished(() => looking.disconnect());
  const tag = `{${namespace}:intake}`;
  const look = async (state: string, ...tokens: readonly (string | number)[]): Promise<readonly string[]> =>
    (await runIntake(looking, "state", [tag, "", state, 60_000, ...tokens])) as string[];
  const [state = ""] = await look("");
  expect(state).not.toBe("");
  await look(state, "crm", 5);
  await redis.config("SET", "maxmemory", "1");
  expect((await look(state, "crm", 7)).slice(2)).toEqual(["7"]);
  expect((await look(state, "crm", 0)).slice(2), "what was kept before").toEqual(["5"]);
});
