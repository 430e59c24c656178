import { randomUUID } from "node:crypto";
import { afterAll, expect, inject, test } from "vitest";
import { connect, waitUntilReady } from "../connection/connection.ts";
import { LanesDifferError, countLanes, settleLaneCount, writeLaneCount } from "./lane-count.ts";
import { partTags, placeOf } from "./tags.ts";

const redis = connect(inject("redisUrl"), "worker", (error) => console.error(error));
afterAll(() => redis.disconnect());

test("a destination that holds nothing begins with the wanted number, and every worker after it has that", async () => {
  await waitUntilReady(redis);
  const namespace = randomUUID();
  expect(await settleLaneCount(redis, namespace, "crm", 4)).toBe(4);
  expect(await settleLaneCount(redis, namespace, "crm", 16)).toBe(4);
  expect(await countLanes(redis, namespace, "crm")).toBe(4);
  const said = await Promise.all(
    partTags(namespace, "crm", 5).map(async (tag) => await redis.hget(`${tag}:e`, "lanes")),
  );
  expect(said).toEqual(["4", "4", "4", "4", null]);
});

test("one that holds something from before there were lanes has one, whatever is wanted", async () => {
  const namespace = randomUUID();
  const [home] = partTags(namespace, "crm", 1) as [string];
  await redis.hset(`${home}:counts`, "accepted:erp", 1);
  expect(await settleLaneCount(redis, namespace, "crm", 4)).toBe(1);
  expect(await redis.exists(`${home}:e`)).toBe(0);
});

test("where a server of a cluster lost the first lane or another one, the others know the number", async () => {
  const namespace = randomUUID();
  await settleLaneCount(redis, namespace, "crm", 4);
  const tags = partTags(namespace, "crm", 4);
  for (const lost of [tags[0]!, tags[2]!]) {
    await redis.del(`${lost}:e`);
    expect(await settleLaneCount(redis, namespace, "crm", 8)).toBe(4);
    expect(await redis.hget(`${lost}:e`, "lanes")).toBe("4");
  }
});

test("no worker starts while the number is changed, or after a change that was broken off", async () => {
  const namespace = randomUUID();
  const [home] = partTags(namespace, "crm", 1) as [string];
  await writeLaneCount(redis, home, [1, 4]);
  await expect(settleLaneCount(redis, namespace, "crm", 4)).rejects.toMatchObject({
    code: "lanes_changing",
    hint: "wait until it is done; where it was broken off, `sluice lanes crm 4` goes on",
  });
});

test("the words of a script that was refused are read, and those of no other error", () => {
  const of = { destination: "crm", lanes: 4 };
  expect(LanesDifferError.read(new Error("LANES 1"), of)?.message).toContain('"crm" has 1 lanes');
  expect(LanesDifferError.read(new Error("ERR LANES"), of)).not.toBeNull();
  expect(LanesDifferError.read(new Error("MOVED 1"), of)).toBeNull();
});

test("with twice the lanes each has the records of two, and every lane has some", () => {
  const ids = Array.from(
    { length: 64 },
    (_, at) => `xx${"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[at]!}`,
  );
  for (const lanes of [1, 2, 4, 8, 16, 32]) {
    expect(new Set(ids.map((id) => placeOf(id, lanes))).size).toBe(lanes);
    expect(ids.every((id) => Math.floor(placeOf(id, lanes * 2) / 2) === placeOf(id, lanes))).toBe(true);
  }
});
