import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { expect, inject, onTestFinished, test } from "vitest";
import { createElections } from "./election.ts";

const TERM_MS = 60_000;

function connected(): Redis {
  const redis = new Redis(inject("redisUrl"));
  onTestFinished(() => redis.disconnect());
  return redis;
}

test("of several who ask for a role one has it, for as long as it asks; then another one", async () => {
  const redis = connected();
  const namespace = `election-${randomUUID()}`;
  const { elect } = createElections(redis, namespace, "s");
  const names = ["a", "b", "c"];
  const asked = await Promise.all(names.map(async (who) => await elect("exporter", who, 1000)));
  expect(asked.filter(Boolean)).toHaveLength(1);
  const holder = names[asked.indexOf(true)]!;
  const other = names[asked.indexOf(false)]!;
  expect(await elect("exporter", holder, TERM_MS)).toBe(true);
  expect(await redis.pttl(`${namespace}:office:exporter`)).toBeGreaterThan(TERM_MS / 2);
  expect(await elect("exporter", other, TERM_MS)).toBe(false);
  await redis.del(`${namespace}:office:exporter`);
  expect(await elect("exporter", other, TERM_MS)).toBe(true);
});

// A term that ended between two commands of its holder was prolonged for whoever had won meanwhile.
test("a role that another one wins while its last holder asks stays the winner's, for no longer than it was won for", async () => {
  const redis = connected();
  for (let behind = 1, sent = 1; sent >= behind; behind += 1) {
    const namespace = `election-${randomUUID()}`;
    const key = `${namespace}:office:exporter`;
    await redis.set(key, "last", "PX", 1000);
    sent = 0;
    const overtaken = afterEachCommand(redis, async () => {
      sent += 1;
      if (sent === behind) await redis.set(key, "winner", "PX", 1000);
    });
    await createElections(overtaken, namespace, "s").elect("exporter", "last", TERM_MS);
    if (sent < behind) continue;
    expect([behind, await redis.get(key)]).toEqual([behind, "winner"]);
    expect(await redis.pttl(key)).toBeLessThanOrEqual(1000);
  }
});

function afterEachCommand(redis: Redis, happen: () => Promise<void>): Redis {
  return new Proxy(redis, {
    get(of, name) {
      const command: unknown = Reflect.get(of, name);
      if (typeof command !== "function") return command;
      return async (...words: unknown[]): Promise<unknown> => {
        const answer: unknown = await command.apply(of, words);
        await happen();
        return answer;
      };
    },
  });
}
