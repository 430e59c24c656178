import { expect, test } from "vitest";
import { createRoom, type Memory } from "./room.ts";

/** A Redis of 1,000,000 bytes, of which understanding may fill 900,000; a job of 1,000 bytes may become 10,000. */
function redis(usedBytes: number, limitBytes: number | null = 1_000_000) {
  let memory: Memory = { usedBytes, limitBytes };
  let looks = 0;
  const room = createRoom(async () => {
    looks += 1;
    return memory;
  });
  return { room, uses: (bytes: number) => void (memory = { usedBytes: bytes, limitBytes }), looks: () => looks };
}

test("while there is much room a look holds for an eighth of it", async () => {
  const { room, looks } = redis(100_000);
  for (let job = 0; job < 10; job += 1) expect(await room.enter(1000)).toBe(true);
  expect(looks()).toBe(1);
  expect(await room.enter(1000)).toBe(true);
  expect(looks()).toBe(2);
});

test("jobs that may become more than the room wait for those under way, whoever fills it", async () => {
  const { room, uses } = redis(885_000);
  expect(await Promise.all([1, 2, 3].map(async () => await room.enter(1000)))).toEqual([true, false, false]);
  uses(899_999);
  room.leave(1000);
  // Alone it begins in the smallest room: no job waits for ever.
  expect(await room.enter(1000)).toBe(true);
  room.leave(1000);
  uses(900_000);
  expect(await room.enter(1)).toBe(false);
  uses(500_000);
  expect(await room.enter(1000)).toBe(true);
});

test("a Redis that does not say what it has is no reason to wait, and one that does not answer is", async () => {
  const { room } = redis(5, null);
  expect(await room.enter(1_000_000)).toBe(true);
  const away = createRoom(async () => await Promise.reject(new Error("away")));
  await expect(away.enter(1)).rejects.toThrow("away");
});
