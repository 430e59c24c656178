import { afterAll, beforeEach, describe, expect, inject, test } from "vitest";
import { ORDER } from "../claims/claim-order.fixture.ts";
import type { Claimed, ClaimOrder } from "../claims/claim-order.ts";
import { openStillLane, stillRedis, type StillLane } from "../still-clock.fixture.ts";

/** The request that tries whether a hold is over, and a hold's length; on a real Redis, with a clock that the tests set. */
const redis = stillRedis(inject("redisUrl"));
let still: StillLane;
afterAll(() => redis.disconnect());

describe.for([1, 4])("in a destination of %i lanes", (lanes) => {
  beforeEach(async () => {
    still = await openStillLane(redis, lanes);
  });

  const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `r${index}`);

  async function claim(order: Partial<ClaimOrder> = {}): Promise<Extract<Claimed, { kind: "claimed" }>> {
    const claimed = await still.lane.claim({ ...ORDER, ...order });
    if (claimed.kind !== "claimed") throw new Error(JSON.stringify(claimed));
    return claimed;
  }

  test("a clock that is set back by an hour makes a hold no longer than it was asked for", async () => {
    await still.admit(names(1));
    await still.passTime(3_600_000);
    await still.gate.hold(5000, "rate_limit");
    await still.passTime(-3_600_000);
    expect(await still.lane.claim(ORDER)).toEqual({ kind: "held", forMs: 5000, reason: "rate_limit" });
    await still.passTime(5001);
    expect((await claim()).claims).toHaveLength(1);
  });

  test("a request of before a hold makes it no longer, however it went", async () => {
    await still.admit(names(20));
    await still.gate.hold(1, "breaker");
    await still.passTime(2);
    const { passes } = await claim({ requests: 8 });
    await still.gate.hold(1000, "unavailable");
    await still.passTime(1001);
    const probe = await claim({ requests: 8 });
    expect(await still.gate.report(passes[0]!, "bad")).toBe("recovering");
    expect(await still.gate.report(probe.passes[0]!, "good")).toBe("recovering");
  });

  test("the record that a destination is held for is not the one that tries whether the hold is over", async () => {
    await still.admit(names(3));
    const [first] = (await claim()).claims;
    await still.gate.hold(1000, "credentials");
    await still.lane.wait(first!, 0, { spent: false, blamed: true });
    await still.passTime(1001);
    const [probe] = (await claim({ requests: 8 })).claims;
    expect(probe!.key.value).toBe("r1");
  });

  test("a record that is alone is its own probe", async () => {
    await still.admit(names(1));
    const [first] = (await claim()).claims;
    await still.gate.hold(1000, "credentials");
    await still.lane.wait(first!, 0, { spent: false, blamed: true });
    await still.passTime(1001);
    expect((await claim({ requests: 8 })).claims).toHaveLength(1);
  });
});
