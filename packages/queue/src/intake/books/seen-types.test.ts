import { afterEach, beforeEach, expect, test } from "vitest";
import { MAX_SEEN_TYPES, MAX_TYPE_LENGTH } from "../../limits.ts";
import { openIntakePlace, sum, type IntakePlace } from "../intake.fixture.ts";
import { readPlainly } from "../plain-reading.fixture.ts";
import { OTHER_TYPE } from "./seen-types.ts";
import type { Understander } from "../understanding.ts";

let at: IntakePlace;
beforeEach(() => (at = openIntakePlace()));
afterEach(async () => await at.close());

/** Each id is a type; those that begin with `no` mean nothing. */
const read: Understander["read"] = async (webhook) =>
  (await readPlainly(webhook)).map(({ changes, ...mapped }) => {
    const { id } = mapped.event;
    const type = id.replace(/#\d+$/, "");
    return { ...mapped, event: { ...mapped.event, type }, changes: type.startsWith("no") ? [] : changes };
  });

test("of each type it is counted how its events ended, and when the last of them did", async () => {
  const door = await at.open("door");
  const before = Date.now();
  await at.store(door, ["a#1", "a#2", "no.b#1"]);
  await at.store(door, ["a#1", "no.b#2", "no.c#1"]);
  await at.understand({ read });
  await at.until(({ understood }) => sum(understood) === 6);
  const seen = await door.intake.seenTypes(["erp", "nobody"], Date.now());
  const none = { made: 0, duplicate: 0, ignored: 0, dead: 0, lastMs: expect.any(Number) as number };
  expect(seen.get("erp")).toEqual([
    { ...none, type: "a", made: 2, duplicate: 1 },
    { ...none, type: "no.b", ignored: 2 },
    { ...none, type: "no.c", ignored: 1 },
  ]);
  for (const { lastMs } of seen.get("erp")!) expect(lastMs).toBeGreaterThanOrEqual(before);
  expect(seen.get("nobody")).toEqual([]);
});

test("days are added up, a week long, and forgotten by themselves", async () => {
  const door = await at.open("door");
  await at.store(door, ["no.b#1"]);
  await at.understand({ read });
  await at.until(({ understood }) => sum(understood) === 1);
  const now = Date.now();
  const dayMs = 86_400_000;
  const keyOf = (ago: number): string => `${at.tag}:types:${Math.floor(now / dayMs) - ago}:erp`;
  await at.redis.hset(keyOf(6), "no.b", "0 0 3 1 77");
  await at.redis.hset(keyOf(7), "no.b", "9 9 9 9 9");
  const seen = await door.intake.seenTypes(["erp"], now);
  expect(seen.get("erp")).toMatchObject([{ type: "no.b", ignored: 4, dead: 1 }]);
  expect(await at.redis.pttl(keyOf(0))).toBeGreaterThan(7 * dayMs);
});

test("a sender that makes up types fills no memory: above a hundred they are counted together, and long ones are cut", async () => {
  const door = await at.open("door");
  const long = "x".repeat(MAX_TYPE_LENGTH + 50);
  await at.store(door, [long]);
  await at.understand({ read });
  await at.until(({ understood }) => sum(understood) === 1);
  await at.store(
    door,
    Array.from({ length: 300 }, (_, index) => `no.${index}`),
  );
  await at.until(({ understood }) => sum(understood) === 301);
  const seen = (await door.intake.seenTypes(["erp"], Date.now())).get("erp")!;
  expect(seen).toHaveLength(MAX_SEEN_TYPES + 1);
  expect(seen[0]).toMatchObject({ type: OTHER_TYPE, ignored: 300 - (MAX_SEEN_TYPES - 1) });
  expect(seen.map(({ type }) => type)).toContain(`${long.slice(0, MAX_TYPE_LENGTH)}…`);
});
