import { afterAll, beforeEach, expect, inject, test } from "vitest";
import { ORDER } from "./claim-order.fixture.ts";
import type { Claimed, ClaimOrder } from "./claim-order.ts";
import { openStillLane, stillRedis, type StillLane } from "../still-clock.fixture.ts";

/** How requests are shared out among sources, on a real Redis with a clock that the tests set. */
const redis = stillRedis(inject("redisUrl"));
let still: StillLane;
beforeEach(async () => {
  still = await openStillLane(redis);
});
afterAll(() => redis.disconnect());

const names = (count: number, prefix: string): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

async function claim(order: Partial<ClaimOrder> = {}): Promise<Extract<Claimed, { kind: "claimed" }>> {
  const claimed = await still.lane.claim({ ...ORDER, ...order });
  if (claimed.kind !== "claimed") throw new Error(JSON.stringify(claimed));
  return claimed;
}

test("of two sources one with three times the share has three times as many records claimed", async () => {
  await still.gate.shareOut(
    new Map([
      ["erp", 1],
      ["shop", 3],
    ]),
  );
  await still.admit(names(200, "e"), "erp");
  await still.admit(names(200, "s"), "shop");
  const counts = { erp: 0, shop: 0 };
  for (let round = 0; round < 40; round += 1) {
    const { claims } = await claim({ requests: 3, batch: 1 });
    for (const { snapshot } of claims) counts[[...snapshot.open.keys()][0] as "erp" | "shop"] += 1;
  }
  expect(counts).toEqual({ erp: 30, shop: 90 });
});

test("a backfill gets only what live work leaves, and all of that", async () => {
  await still.gate.shareOut(
    new Map([
      ["erp", 1],
      ["import", 0],
    ]),
  );
  await still.admit(names(50, "old"), "import");
  await still.passTime(1000);
  await still.admit(names(3, "live"), "erp");
  const sources = async (): Promise<(number | string)[]> => {
    const { left, claims } = await claim({ requests: 5, batch: 100 });
    return [left, ...claims.map(({ snapshot }) => [...snapshot.open.keys()][0]!)];
  };
  // Two requests are free still, and what is left due is told, so that it need not wait for these three.
  expect(await sources()).toEqual([50, "erp", "erp", "erp"]);
  expect(await sources()).toEqual([0, ...Array.from({ length: 50 }, () => "import")]);
});

test("what a backfill brings in leaves nothing behind, and neither does a source that loses its share", async () => {
  const shares = (erp: number): Promise<void> =>
    still.gate.shareOut(
      new Map([
        ["erp", erp],
        ["import", 0],
      ]),
    );
  const turns = async (): Promise<number[]> =>
    await Promise.all(["erp", "import"].map(async (source) => await redis.zcard(`${still.tag}:turn:${source}`)));
  await shares(1);
  await still.admit(names(3, "live"), "erp");
  await still.admit(names(3, "old"), "import");
  expect(await turns()).toEqual([3, 0]);
  await shares(0);
  expect(await turns()).toEqual([0, 0]);
});

test("shares hold while thousands of records are leased or wait, and a claim costs no more for it", async () => {
  const shares = new Map([
    ["erp", 1],
    ["shop", 3],
    ["import", 0],
  ]);
  await still.gate.shareOut(shares);
  const times = Number(process.env["SLUICE_TEST_RUNS"]);
  await still.admit(names(5000 * times, "old"), "import");
  await still.passTime(1000);
  await still.admit(names(4000 * times, "e"), "erp");
  await still.admit(names(4000 * times, "s"), "shop");
  // 3,000 of them are in flight.
  for (let round = 0; round < 15; round += 1) {
    expect((await claim({ requests: 200, batch: 1, requestsPerMinute: 100_000 })).claims).toHaveLength(200);
    await still.passTime(1000);
  }
  const counts = { erp: 0, shop: 0, import: 0 };
  for (let round = 0; round < 40; round += 1) {
    const { claims } = await claim({ requests: 3, batch: 1 });
    for (const { snapshot } of claims) counts[[...snapshot.open.keys()][0] as keyof typeof counts] += 1;
  }
  expect(counts).toEqual({ erp: 30, shop: 90, import: 0 });
});

test("what was admitted before shares were said, and what is replayed, has its turn like the rest", async () => {
  await still.admit(names(700, "early"), "erp");
  await still.gate.shareOut(
    new Map([
      ["erp", 1],
      ["shop", 1],
    ]),
  );
  await still.admit(names(100, "late"), "shop");
  const counts = { erp: 0, shop: 0 };
  for (let round = 0; round < 20; round += 1) {
    const { claims } = await claim({ requests: 2, batch: 1 });
    for (const { snapshot } of claims) counts[[...snapshot.open.keys()][0] as keyof typeof counts] += 1;
  }
  expect(counts).toEqual({ erp: 20, shop: 20 });
});

test("a record that is given back has its turn at once, though its lease was to last longer", async () => {
  await still.gate.shareOut(
    new Map([
      ["erp", 1],
      ["shop", 1],
    ]),
  );
  await still.admit(["one"], "erp");
  const [first] = (await claim({ leaseMs: 60_000 })).claims;
  await still.admit(["other"], "shop");
  // A look at its turn while it is leased.
  const [other] = (await claim({ leaseMs: 60_000 })).claims;
  expect(other!.key.value).toBe("other");
  await still.lane.wait(first!, 0, { spent: false });
  expect((await claim()).claims.map(({ key }) => key.value)).toEqual(["one"]);
});

test("a record that changes again after its flight has its turn at once, whatever was looked at meanwhile", async () => {
  await still.gate.shareOut(
    new Map([
      ["erp", 1],
      ["shop", 1],
    ]),
  );
  await still.admit(["hot"], "erp");
  const [flying] = (await claim({ leaseMs: 60_000 })).claims;
  await still.admit(["other"], "shop");
  // A look at its turn while it is leased moves that behind the lease.
  await claim({ leaseMs: 60_000 });
  await still.lane.settleFields(flying!);
  await still.admit(["hot"], "erp");
  await still.admit(names(20, "s"), "shop");
  const next = (await claim({ requests: 2 })).claims.map(({ key }) => key.value);
  expect(next).toContain("hot");
});

test("a record of a backfill tries the destination, where the only live one is that which it was held for", async () => {
  await still.gate.shareOut(
    new Map([
      ["erp", 1],
      ["import", 0],
    ]),
  );
  await still.admit(["blamed"], "erp");
  await still.admit(["old"], "import");
  const [first] = (await claim()).claims;
  expect(first!.key.value).toBe("blamed");
  await still.gate.hold(1000, "breaker");
  await still.lane.wait(first!, 0, { spent: false, blamed: true });
  await still.passTime(1001);
  expect((await claim()).claims.map(({ key }) => key.value)).toEqual(["old"]);
});
