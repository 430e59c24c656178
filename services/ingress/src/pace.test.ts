import { expect, test } from "vitest";
import { CUSTOMER, openDoor, send } from "./door.fixture.ts";
import { createPace } from "./pace.ts";

test("a source may send a second's requests at once, and then as fast as its rate", () => {
  const pace = createPace();
  const taken = (count: number, nowMs: number): number =>
    Array.from({ length: count }, () => pace.take("shop", 10, nowMs)).filter((over) => over === undefined).length;
  expect(taken(15, 0)).toBe(10);
  expect(taken(15, 500)).toBe(5);
  expect(taken(100, 1_000_000)).toBe(10);
  expect(pace.take("shop", 10, 1_000_000)).toEqual({ waitSeconds: 1 });
  expect(pace.take("other", 10, 1_000_000)).toBeUndefined();
});

test("a clock that jumps back gives nothing away", () => {
  const pace = createPace();
  expect(pace.take("shop", 1, 1_000)).toBeUndefined();
  expect(pace.take("shop", 1, 0)).toBeDefined();
  expect(pace.take("shop", 1, 500)).toBeDefined();
});

test("a source over its rate hears 429 and when to come back; strangers use up nothing of it", async () => {
  const door = openDoor({ source: { ratePerSecond: 1 } });
  for (let count = 0; count < 3; count += 1) await send(door, "shop", CUSTOMER, { signed: Buffer.from("other") });
  expect((await send(door, "shop", CUSTOMER)).status).toBe(202);
  const over = await send(door, "shop", CUSTOMER);
  expect([over.status, over.body.error.code, over.headers["retry-after"]]).toEqual([429, "rate_exceeded", "1"]);
  expect(door.admitted).toHaveLength(1);
});
