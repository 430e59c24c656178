import { randomUUID } from "node:crypto";
import { afterAll, expect, inject, test } from "vitest";
import { connect, run } from "../connection/connection.ts";
import { writeDeadLetter, type DeadLetter } from "./dead-letter.ts";
import { DEAD_LETTER_PAGE } from "../limits.ts";
import { createDeadLetterStore, newestFirst, sourcesOf } from "./dead-letter-store.ts";

const redis = connect(inject("redisUrl"), "worker", (error) => console.error(error));
afterAll(() => redis.disconnect());

function letterOf(id: string, ...sources: readonly string[]): DeadLetter {
  const events = sources.map((source) => ({ source, id: `event-${id}` }));
  const reason = { code: "RecordInvalid", message: "no" };
  return { id, at: "2026-01-01T00:00:00Z", destination: "crm", object: "customer", key: null, reason, events };
}

function openKept() {
  const tag = `{letters-${randomUUID()}:crm}`;
  const kept = createDeadLetterStore(redis, tag, "crm");
  return {
    tag,
    kept,
    /** Keeps a letter as an earlier release did, and takes it in. */
    async keep(letter: DeadLetter, micros: number) {
      await redis.hset(`${tag}:dead`, letter.id, writeDeadLetter(letter));
      await run(redis, "sluice_index_letters", tag, [1, letter.id, sourcesOf(letter), micros]);
    },
    bytes: async () => await redis.hgetall(`${tag}:letter-bytes`),
  };
}

test("letters come the newest first, page by page, also where many were kept at one moment", async () => {
  const { kept, keep } = openKept();
  const all = DEAD_LETTER_PAGE * 2 + 7;
  for (let n = 0; n < all; n += 1) await keep(letterOf(`l${n}`, "erp"), n < 5 ? n : 1000);
  const found = await Array.fromAsync(kept.newest());
  expect(new Set(found.map(({ letter }) => letter.id)).size).toBe(all);
  expect(found.slice(-5).map(({ letter }) => letter.id)).toEqual(["l4", "l3", "l2", "l1", "l0"]);
  const middle = found[DEAD_LETTER_PAGE + 3]!;
  const rest = await Array.fromAsync(kept.newest({ after: middle.place }));
  expect(rest.map(({ letter }) => letter.id)).toEqual(found.slice(DEAD_LETTER_PAGE + 4).map(({ letter }) => letter.id));
});

test("a letter with events of two sources is found by either and told once", async () => {
  const { kept, keep } = openKept();
  await keep(letterOf("both", "erp", "shop"), 2);
  await keep(letterOf("one", "shop"), 1);
  const idsOf = async (source?: string) =>
    (await Array.fromAsync(kept.newest({ source }))).map(({ letter }) => letter.id);
  expect(await idsOf()).toEqual(["both", "one"]);
  expect(await idsOf("erp")).toEqual(["both"]);
  expect(await idsOf("shop")).toEqual(["both", "one"]);
});

test("letters that go while they are read shift no page", async () => {
  const { kept, keep } = openKept();
  for (let n = 0; n < DEAD_LETTER_PAGE * 2; n += 1) await keep(letterOf(`l${n}`, "erp"), n);
  const seen: string[] = [];
  for await (const { letter } of kept.newest()) {
    seen.push(letter.id);
    await kept.forget(letter.id);
  }
  expect(seen).toHaveLength(DEAD_LETTER_PAGE * 2);
});

test("what an earlier release kept is taken in, what it took away is forgotten, and the room is exact", async () => {
  const { tag, kept, keep, bytes } = openKept();
  const old = letterOf("old", "shop");
  await redis.hset(`${tag}:dead`, old.id, writeDeadLetter(old));
  await keep(letterOf("gone", "erp"), 1);
  await keep(letterOf("stays", "erp"), 2);
  await redis.hdel(`${tag}:dead`, "gone");
  await redis.hset(`${tag}:dead`, "old-2", writeDeadLetter({ ...old, id: "old-2" }));
  await kept.repair();
  expect((await Array.fromAsync(kept.all())).map(({ id }) => id).toSorted()).toEqual(["old", "old-2", "stays"]);
  for (const id of ["old", "old-2", "stays"]) expect(await kept.forget(id)).toBe(true);
  expect(await kept.forget("stays")).toBe(false);
  const { shop, erp } = await bytes();
  expect(shop).toBeUndefined();
  // The text that went without a word can't be measured any more.
  expect(Number(erp ?? 0)).toBeGreaterThanOrEqual(0);
});

test("several places are read as one", async () => {
  const [a, b] = [openKept(), openKept()];
  await a.keep(letterOf("a3", "erp"), 3);
  await b.keep(letterOf("b2", "erp"), 2);
  await a.keep(letterOf("a1", "shop"), 1);
  const all = await Array.fromAsync(newestFirst([a.kept.newest(), b.kept.newest()]));
  expect(all.map(({ letter }) => letter.id)).toEqual(["a3", "b2", "a1"]);
});
