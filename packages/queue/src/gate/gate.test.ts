import fc from "fast-check";
import { afterAll, beforeEach, describe, expect, inject, test } from "vitest";
import { ORDER } from "../claims/claim-order.fixture.ts";
import type { Claimed, ClaimOrder } from "../claims/claim-order.ts";
import { openStillLane, stillRedis, type StillLane } from "../still-clock.fixture.ts";

/** The gate's scripts on a real Redis, with a clock that the tests set. */
const redis = stillRedis(inject("redisUrl"));
let still: StillLane;
afterAll(() => redis.disconnect());

describe.for([1, 4])("in a destination of %i lanes", (lanes) => {
  beforeEach(async () => {
    still = await openStillLane(redis, lanes);
  });

  const names = (count: number, prefix = "r"): string[] =>
    Array.from({ length: count }, (_, index) => `${prefix}${index}`);

  async function claim(order: Partial<ClaimOrder> = {}): Promise<Extract<Claimed, { kind: "claimed" }>> {
    const claimed = await still.lane.claim({ ...ORDER, ...order });
    if (claimed.kind !== "claimed") throw new Error(JSON.stringify(claimed));
    return claimed;
  }

  test("no 60 seconds ever see more requests than the limit, however it is asked", async () => {
    const seed = Number(process.env["SLUICE_TEST_SEED"]);
    console.log(`quota test, seed ${seed}`);
    const step = fc.record({
      pauseMs: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 40_000 })),
      wanted: fc.integer({ min: 1, max: 40 }),
      /** Granted requests that are not sent, and given back with the next request. */
      unused: fc.integer({ min: 0, max: 5 }),
    });
    const limits = fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 31, max: 3000 }));
    await fc.assert(
      fc.asyncProperty(limits, fc.array(step, { minLength: 20, maxLength: 60 }), async (requestsPerMinute, steps) => {
        still = await openStillLane(redis, lanes);
        await still.admit(names(40));
        const sentAt: number[] = [];
        let back = 0;
        for (const { pauseMs, wanted, unused } of steps) {
          await still.passTime(pauseMs);
          const terms = { requests: wanted, unused: back, requestsPerMinute, leaseMs: 0 };
          const claimed = await still.lane.claim({ ...ORDER, ...terms });
          back = 0;
          if (claimed.kind !== "claimed") continue;
          back = Math.min(unused, claimed.requests);
          for (let sent = back; sent < claimed.requests; sent += 1) sentAt.push(still.nowMs());
        }
        for (const [index, from] of sentAt.entries()) {
          const within = sentAt.slice(index).filter((at) => at < from + 60_000).length;
          expect(within).toBeLessThanOrEqual(requestsPerMinute);
        }
      }),
      { seed, numRuns: lanes === 1 ? 15 : 5 },
    );
  });

  test("a greedy fleet gets nine tenths of its limit, and not in the first second", async () => {
    await still.admit(names(40));
    let granted = 0;
    let inFirstSecond = 0;
    for (let ms = 0; ms < 120_000; ms += 1000) {
      const claimed = await still.lane.claim({ ...ORDER, requests: 40, requestsPerMinute: 700, leaseMs: 0 });
      if (claimed.kind === "claimed") granted += claimed.requests;
      if (ms === 0) inFirstSecond = granted;
      await still.passTime(1000);
    }
    expect(granted).toBeGreaterThan(700 * 2 * 0.9);
    expect(inFirstSecond).toBeLessThan(700 * 0.1);
  });

  test("a request is paid for each record that is claimed, and for no other", async () => {
    await still.admit(names(1));
    const { requests, claims } = await claim({ requests: 8, requestsPerMinute: 100 });
    expect([requests, claims.length]).toEqual([1, 1]);
    await still.admit(names(9, "next"));
    // A hundred a minute allows five at once: four of them are left.
    expect((await claim({ requests: 8, requestsPerMinute: 100 })).claims).toHaveLength(4);
  });

  test("a 429 lowers the quota once for all answers of a moment, and clean minutes give it back", async () => {
    const perMinute = async (): Promise<number> => {
      await still.passTime(60_000);
      let granted = 0;
      for (let ms = 0; ms < 60_000; ms += 1000) {
        const asked = await still.gate.request({ requestsPerMinute: 60, passMs: 1000, credentials: "" });
        for (let next = asked; "pass" in next;) {
          granted += 1;
          if (next.pass !== null) await still.gate.report(next.pass, "good");
          next = await still.gate.request({ requestsPerMinute: 60, passMs: 1000, credentials: "" });
        }
        await still.passTime(1000);
      }
      return granted;
    };
    const before = await perMinute();
    for (let answer = 0; answer < 5; answer += 1) await still.gate.hold(1000, "rate_limit");
    const share = async (): Promise<number> => Number(await redis.hget(`${still.tag}:gate`, "share"));
    expect(await share()).toBe(0.7);
    const after = await perMinute();
    expect(after).toBeLessThan(before * 0.9);
    for (let minute = 0; minute < 4; minute += 1) await perMinute();
    expect(await redis.hget(`${still.tag}:gate`, "share")).toBeNull();
  });

  test("what the destination says of its quota lowers ours, and never raises it", async () => {
    const terms = { requestsPerMinute: 1200, passMs: 1000, credentials: "" };
    const atOnce = async (): Promise<number> => {
      let count = 0;
      while ("pass" in (await still.gate.request(terms))) count += 1;
      return count;
    };
    expect(await atOnce()).toBe(60);
    await still.passTime(60_000);
    await still.gate.learn(1200, { limit: 200, remaining: 150, resetMs: null });
    expect(await atOnce()).toBe(10);
    await still.passTime(60_000);
    await still.gate.learn(1200, { limit: 100_000, remaining: 0, resetMs: 30_000 });
    expect(await atOnce()).toBe(0);
    await still.passTime(29_000);
    expect(await atOnce()).toBe(0);
    await still.passTime(2000);
    expect(await atOnce()).toBeGreaterThan(0);
  });

  test("a quota that is said to start anew in a day is a minute's all the same", async () => {
    const terms = { requestsPerMinute: 600, passMs: 1000, credentials: "" };
    await still.gate.learn(600, { limit: 600, remaining: 0, resetMs: 1_793_520_000_000 });
    expect(await still.gate.request(terms)).toHaveProperty("forMs");
    await still.passTime(63_000);
    expect(await still.gate.request(terms)).toHaveProperty("pass");
  });

  test("a storm of 429 lowers the quota once, also where something else holds already", async () => {
    const share = async (): Promise<string | null> => await redis.hget(`${still.tag}:gate`, "share");
    await still.gate.hold(5000, "rate_limit");
    await still.gate.hold(null, "operator");
    for (let answer = 0; answer < 8; answer += 1) await still.gate.hold(1000 * answer, "rate_limit");
    expect(await share()).toBe("0.700");
    // Storm after storm it sinks to a twentieth, and no further.
    await still.gate.resume();
    for (let storm = 0; storm < 20; storm += 1) {
      await still.passTime(1000);
      for (let answer = 0; answer < 8; answer += 1) await still.gate.hold(1000, "rate_limit");
    }
    expect(await share()).toBe("0.050");
    expect(await still.gate.request({ requestsPerMinute: 5, passMs: 1000, credentials: "" })).toHaveProperty("forMs");
    await still.passTime(60_000);
    expect(await still.gate.request({ requestsPerMinute: 5, passMs: 1000, credentials: "" })).toHaveProperty("pass");
  });

  test("a Retry-After of a day holds for a day, unless it is resumed", async () => {
    const day = 86_400_000;
    await still.admit(names(2));
    await still.gate.hold(day, "rate_limit");
    expect(await still.lane.claim(ORDER)).toEqual({ kind: "held", forMs: day, reason: "rate_limit" });
    await still.passTime(day - 1);
    expect(await still.lane.claim(ORDER)).toEqual({ kind: "held", forMs: 1, reason: "rate_limit" });
    await still.passTime(1);
    const { passes } = await claim();
    await still.gate.hold(day, "rate_limit");
    await still.gate.report(passes[0]!, "unheard");
    expect(await still.gate.resume()).toBe("rate_limit");
    expect((await claim()).claims).toHaveLength(1);
  });

  test("as many records as requests go one by one; of more, as many as the requests carry", async () => {
    await still.admit(names(3));
    expect((await claim({ requests: 8, batch: 100 })).claims).toHaveLength(3);
    await still.admit(names(150, "many"));
    expect((await claim({ requests: 8, batch: 100 })).claims).toHaveLength(150);
    await still.admit(names(50, "one by one"));
    expect((await claim({ requests: 8, batch: 1 })).claims).toHaveLength(8);
  });

  test("where requests are scarce a job that is not full waits a little; where places are scarce it does not", async () => {
    const scarce = { requests: 8, batch: 100, requestsPerMinute: 20, gatherMs: 1000 };
    await still.admit(names(5));
    expect(await still.lane.claim({ ...ORDER, ...scarce })).toEqual({ kind: "wait", forMs: 1000 });
    await still.passTime(999);
    expect(await still.lane.claim({ ...ORDER, ...scarce })).toEqual({ kind: "wait", forMs: 1 });
    await still.passTime(1);
    expect((await claim(scarce)).claims).toHaveLength(5);
    await still.admit(names(5, "more"));
    await still.passTime(1000);
    expect((await claim({ ...scarce, requests: 2, requestsPerMinute: 6000 })).claims).toHaveLength(5);
  });

  test("after a hold one request tries, with one record, and the flow comes back 1, 2, 4 … at a time", async () => {
    await still.admit(names(2000));
    await still.gate.holdUnwell();
    const order = { ...ORDER, requests: 100, batch: 1 };
    expect(await still.lane.claim(order)).toEqual({ kind: "held", forMs: 5000, reason: "breaker" });
    await still.passTime(5000);
    const inFlight: number[] = [];
    for (;;) {
      const { passes, requests, claims } = await claim(order);
      if (passes.length === 0) break;
      expect([passes.length, claims.length]).toEqual([requests, requests]);
      inFlight.push(requests);
      // As many are in flight as may be: nobody gets one more.
      expect(await still.lane.claim(order)).toMatchObject({ kind: "wait" });
      for (const pass of passes) await still.gate.report(pass, "good");
    }
    expect(inFlight).toEqual([1, 2, 4, 8, 16, 32]);
    expect((await still.lane.numbers()).gate).toEqual({ hold: null, allowed: null });
  });

  test("a probe that fails holds for twice as long each time, up to five minutes", async () => {
    await still.admit(names(100));
    await still.gate.holdUnwell();
    const lengths: number[] = [];
    for (let outage = 0; outage < 9; outage += 1) {
      const held = await still.lane.claim(ORDER);
      if (held.kind !== "held" || held.forMs === null) throw new Error(JSON.stringify(held));
      lengths.push(held.forMs / 1000);
      await still.passTime(held.forMs);
      const { passes } = await claim();
      expect(await still.gate.report(passes[0]!, "bad")).toBe("held");
    }
    expect(lengths).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300]);
  });

  test("a destination that flaps is not left alone for ever longer: each step of the flow takes one outage back", async () => {
    await still.admit(names(10));
    const UP_MS = 30_000;
    const longest = { first: 0, second: 0 };
    let worked = 0;
    // Half a minute up, half a minute down, for an hour; one request at a time, which takes a second.
    for (const half of ["first", "second"] as const) {
      for (const endMs = still.nowMs() + 1_800_000; still.nowMs() < endMs;) {
        const claimed = await still.lane.claim({ ...ORDER, leaseMs: 0 });
        if (claimed.kind !== "claimed") {
          longest[half] = Math.max(longest[half], claimed.forMs ?? Infinity);
          await still.passTime(claimed.forMs ?? Infinity);
          continue;
        }
        const up = still.nowMs() % (2 * UP_MS) < UP_MS;
        if (up) worked += 1;
        await still.passTime(1000);
        const [pass] = claimed.passes;
        if (pass !== undefined) await still.gate.report(pass, up ? "good" : "bad");
        else if (!up) await still.gate.holdUnwell();
      }
    }
    expect(longest.first).toBeLessThanOrEqual(40_000);
    expect(longest.second).toBeLessThanOrEqual(40_000);
    // The destination was up for 1,800 seconds.
    expect(worked).toBeGreaterThan(900);
  });

  test("a destination that answers a probe and fails at the next two is left alone for longer each time", async () => {
    await still.admit(names(100));
    await still.gate.holdUnwell();
    const lengths: number[] = [];
    for (let outage = 0; outage < 5; outage += 1) {
      const held = await still.lane.claim(ORDER);
      if (held.kind !== "held" || held.forMs === null) throw new Error(JSON.stringify(held));
      lengths.push(held.forMs / 1000);
      await still.passTime(held.forMs);
      await still.gate.report((await claim()).passes[0]!, "good");
      const { passes } = await claim({ requests: 2 });
      for (const pass of passes) await still.gate.report(pass, "bad");
    }
    expect(lengths).toEqual([5, 10, 20, 40, 80]);
  });

  test("what says nothing about health frees its place and changes nothing; a probe that is lost is followed by another", async () => {
    await still.admit(names(10));
    await still.gate.hold(1000, "rate_limit");
    await still.passTime(1000);
    const { passes } = await claim({ passMs: 3000 });
    expect(await still.gate.report(passes[0]!, "unheard")).toBe("recovering");
    const [lost] = (await claim({ passMs: 3000 })).passes;
    expect(await still.lane.claim(ORDER)).toMatchObject({ kind: "wait" });
    await still.passTime(3000);
    expect((await claim()).passes).toHaveLength(1);
    // The answer comes late: its pass was taken for lost.
    expect(await still.gate.report(lost!, "good")).toBe("recovering");
    expect((await still.lane.numbers()).gate.allowed).toBe(1);
  });

  test("a hold is not shortened by another one; an operator's stands until it is resumed", async () => {
    await still.admit(names(1));
    await still.gate.hold(60_000, "rate_limit");
    await still.gate.hold(10, "ServiceUnavailable");
    expect(await still.lane.claim(ORDER)).toEqual({ kind: "held", forMs: 60_000, reason: "rate_limit" });
    await still.gate.hold(null, "operator", "moving house");
    await still.gate.hold(1000, "rate_limit");
    await still.gate.holdUnwell();
    await still.passTime(100 * 86_400_000);
    expect((await still.lane.numbers()).gate.hold).toEqual({ forMs: null, reason: "operator", note: "moving house" });
    expect(await still.gate.resume()).toBe("operator");
    expect(await still.gate.resume()).toBeNull();
    expect((await claim()).claims).toHaveLength(1);
  });

  test("refused credentials hold those who have them, until a worker comes with others", async () => {
    await still.admit(names(2));
    await still.gate.hold(null, "credentials", "old");
    expect(await still.lane.claim({ ...ORDER, credentials: "old" })).toMatchObject({ kind: "held", forMs: null });
    expect(await still.gate.renewed("old")).toBeNull();
    expect((await claim({ credentials: "new" })).claims).toHaveLength(1);
    expect(await still.gate.renewed("new")).toBe("credentials");
  });

  test("a clock that is set back by an hour stops requests for a minute at most", async () => {
    await still.passTime(3_600_000);
    const terms = { requestsPerMinute: 60, passMs: 1000, credentials: "" };
    while ("pass" in (await still.gate.request(terms)));
    await still.passTime(-3_600_000);
    await still.gate.request(terms);
    await still.passTime(64_000);
    expect(await still.gate.request(terms)).toHaveProperty("pass");
  });

  test("values that were confirmed are known again, until a write may have changed them", async () => {
    const order = { remember: true };
    await still.admit(["r"], "erp", { tier: "gold", balance: 1 });
    const [first] = (await claim(order)).claims;
    expect(first!.confirmed.size).toBe(0);
    await still.lane.settleFields(first!);
    const expires = await Promise.all(still.tags.map(async (tag) => await redis.pttl(`${tag}:v:${first!.id}`)));
    expect(Math.max(...expires)).toBeGreaterThan(0);
    await still.admit(["r"], "erp", { tier: "gold" });
    const [same] = (await claim(order)).claims;
    expect([...same!.confirmed.keys()].toSorted()).toEqual(["balance", "tier"]);
    await still.lane.settleUnchanged(same!);
    expect((await still.lane.numbers()).outcomes.get("unchanged")?.get("erp")).toBe(1);
    // The write goes out and no answer comes: the destination may hold either value.
    await still.admit(["r"], "erp", { tier: "silver" });
    await still.lane.wait((await claim(order)).claims[0]!, 0, { spent: true });
    await still.admit(["r"], "erp", { tier: "gold" });
    expect((await claim(order)).claims[0]!.confirmed.size).toBe(0);
  });

  // `skip_unchanged` was turned off and on again: the value of before was taken for the one that the destination holds.
  test("values that were confirmed are unknown once a worker that remembers none has written others", async () => {
    await still.admit(["r"], "erp", { tier: "gold" });
    await still.lane.settleFields((await claim({ remember: true })).claims[0]!);
    await still.admit(["r"], "erp", { tier: "silver" });
    const [plain] = (await claim()).claims;
    expect(plain!.confirmed.size).toBe(0);
    await still.lane.settleFields(plain!);
    await still.admit(["r"], "erp", { tier: "gold" });
    expect((await claim({ remember: true })).claims[0]!.confirmed.size).toBe(0);
  });

  test.each([
    ["ended by itself", async () => await still.passTime(48 * 3_600_000)],
    [
      "was resumed",
      async () => {
        await still.passTime(3_600_000);
        await still.gate.resume();
      },
    ],
  ])("what a hold that %s took does not count towards a record's deadline", async (_, end) => {
    await still.admit(["r"]);
    await still.lane.wait((await claim()).claims[0]!, 0, { spent: true });
    await still.passTime(1000);
    await still.gate.hold(48 * 3_600_000, "unavailable", "");
    const heldAtMs = still.nowMs();
    await end();
    const [record] = (await claim({ leaseMs: 0 })).claims;
    expect(record!.attempts).toBe(1);
    const claimedAtMs = Number(record!.fence) / 1000;
    expect(still.nowMs()).toBeGreaterThan(heldAtMs);
    expect(claimedAtMs - record!.failingSinceMs!).toBe(0);
    // From here on the record's own time passes.
    await still.passTime(5000);
    const [again] = (await claim()).claims;
    expect(Number(again!.fence) / 1000 - again!.failingSinceMs!).toBe(5000);
  });
});
