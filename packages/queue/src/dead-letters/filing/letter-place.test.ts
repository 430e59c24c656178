import { randomUUID } from "node:crypto";
import { afterAll, expect, inject, test } from "vitest";
import { connect, run } from "../../connection/connection.ts";
import type { DeadLetter } from "../dead-letter.ts";
import { createLetterPlace } from "./letter-place.ts";

const redis = connect(inject("redisUrl"), "worker", (error) => console.error(error));
afterAll(() => redis.disconnect());

const DAY = "2026-11-29";

function openPlace() {
  const tag = `{place-${randomUUID()}:crm}`;
  const place = createLetterPlace(redis, tag, "crm", "counts");
  const text = (id: string): string =>
    JSON.stringify({ id, events: [{ source: "erp", id }] } satisfies Partial<DeadLetter>);
  return {
    place,
    text,
    async keep(id: string, micros: number) {
      await redis.hset(`${tag}:dead`, id, text(id));
      await run(redis, "sluice_index_letters", tag, [1, id, "erp", micros]);
    },
    take: async (batch: string, id: string, micros: number, row: string) =>
      await place.take(batch, DAY, [{ id, micros, row, short: null, older: [] }]),
    here: async () => await redis.hkeys(`${tag}:dead`),
    forget: async (id: string) => await run(redis, "sluice_forget_letter", tag, [id]),
    filed: (id: string, micros: number, row: string) => ({ id, row, day: DAY, micros, text: text(id) }),
  };
}

test("a letter leaves only as the one that was written: kept anew, or held for an act, it stays", async () => {
  const { place, keep, take, here } = openPlace();
  for (const id of ["same", "anew", "held"]) await keep(id, 10);
  const { batch } = await place.begin();
  await keep("anew", 10);
  await run(redis, "sluice_forget_letter", place.tag, ["anew"]);
  await keep("anew", 11);
  await place.hold("held");
  expect([
    await take(batch, "same", 10, "1"),
    await take(batch, "anew", 10, "2"),
    await take(batch, "held", 10, "3"),
  ]).toEqual([["taken"], ["kept"], ["kept"]]);
  expect((await here()).toSorted()).toEqual(["anew", "held"]);
  expect(await place.counts()).toEqual([{ day: DAY, source: "erp", letters: 1 }]);
  expect((await place.bytes()).get("erp")).toBeGreaterThan(0);
});

test("nothing leaves in a batch that another process has followed with its own", async () => {
  const { place, keep, take, here } = openPlace();
  await keep("a", 10);
  const { batch } = await place.begin();
  const next = await place.begin();
  expect(Number(next.batch)).toBeGreaterThan(Number(batch));
  expect(await take(batch, "a", 10, "1")).toBe("closed");
  expect(await here()).toEqual(["a"]);
  await take(next.batch, "a", 10, "2");
  expect((await place.begin()).left).toEqual(["2"]);
  await place.end(["2"]);
  expect((await place.begin()).left).toEqual([]);
});

test("a letter comes back once, and is counted once, however many processes ask, also when it is gone by then", async () => {
  const { place, keep, take, here, forget, filed } = openPlace();
  for (const id of ["a", "b"]) await keep(id, 10);
  const { batch } = await place.begin();
  await take(batch, "a", 10, "1");
  await take(batch, "b", 10, "2");
  const letter = filed("a", 10, "1");
  expect(await Promise.all([place.bringBack(letter, "erp"), place.bringBack(letter, "erp")])).toEqual([
    "back",
    "there",
  ]);
  expect(await place.counts()).toEqual([{ day: DAY, source: "erp", letters: 1 }]);
  expect((await place.oldest("erp", null, 10)).letters).toMatchObject([{ id: "a", micros: 10 }]);
  await forget("a");
  expect(await place.bringBack(letter, "erp")).toBe("gone");
  expect(await here()).toEqual([]);
  expect(await place.counts()).toEqual([{ day: DAY, source: "erp", letters: 1 }]);
  expect(await place.standing()).toEqual({ left: ["2"], back: ["1"], over: [] });
});

test("an earlier letter gives way to the newer one with its id, and is counted no more", async () => {
  const { place, keep, take, here, filed } = openPlace();
  await keep("a", 10);
  await take((await place.begin()).batch, "a", 10, "1");
  await keep("a", 20);
  expect(await place.bringBack(filed("a", 10, "1"), "erp")).toBe("other");
  expect((await place.oldest("erp", null, 10)).letters).toMatchObject([{ id: "a", micros: 20 }]);
  expect([await here(), await place.counts()]).toEqual([["a"], []]);
});
