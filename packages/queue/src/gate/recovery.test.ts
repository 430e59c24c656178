import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, inject, test } from "vitest";
import { connect, waitUntilReady } from "../connection/connection.ts";
import { createGate, type Gate } from "./gate.ts";
import { laneTag } from "../lanes/tags.ts";

/** The recovery after a hold: one request, then two, four … of the whole fleet. */
const redis = connect(inject("redisUrl"), "worker", (error) => console.error(error));
beforeAll(async () => await waitUntilReady(redis));
afterAll(() => redis.disconnect());

let gate: Gate;
let tag: string;
beforeEach(async () => {
  tag = laneTag(`recovery-${randomUUID()}`, "crm");
  gate = createGate(redis, tag);
  await gate.hold(1, "breaker");
});

/** The pass of the next request; null: the flow is back, it needs none. */
async function pass(): Promise<string | null> {
  const end = performance.now() + 5000;
  while (performance.now() < end) {
    const answer = await gate.request({ requestsPerMinute: 100_000, passMs: 60_000, credentials: "" });
    if ("pass" in answer) return answer.pass;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error("no request was let through");
}

test("a destination that fails a third of its requests comes back to full flow all the same", async () => {
  for (let request = 1; request <= 200; request += 1) {
    const next = await pass();
    if (next === null) return;
    // Every first of a step succeeds: the probe, too, must.
    expect(await gate.report(next, request % 3 === 0 ? "bad" : "good")).not.toBe("held");
  }
  throw new Error("still recovering after 200 requests");
});

test("a probe that fails holds the destination again, for twice as long each time", async () => {
  const left: number[] = [];
  for (let outage = 0; outage < 3; outage += 1) {
    const probe = await pass();
    expect(await gate.report(probe!, "bad")).toBe("held");
    const till = Number(await redis.hget(`${tag}:gate`, "till"));
    const [seconds, micros] = await redis.time();
    left.push(Math.round((till - Number(seconds) * 1000 - Number(micros) / 1000) / 5000));
    // Its time is over.
    await redis.hset(`${tag}:gate`, "till", 1);
  }
  expect(left).toEqual([1, 2, 4]);
});

test("when most of a step fail, the destination is held again", async () => {
  expect(await gate.report((await pass())!, "good")).toBe("recovering");
  const [first, second] = [await pass(), await pass()];
  expect(await gate.report(first!, "bad")).toBe("recovering");
  expect(await gate.report(second!, "bad")).toBe("held");
});

test("the flow grows when all of a step went well, and not before; each step beyond the first two requests takes one outage back", async () => {
  const state = async (): Promise<(string | null)[]> => await redis.hmget(`${tag}:gate`, "allowed", "level");
  await redis.hset(`${tag}:gate`, "level", 5);
  for (const [step, level] of Object.entries({ 1: "5", 2: "5", 4: "4", 8: "3", 16: "2", 32: "1" })) {
    const passes: string[] = [];
    while (passes.length < Number(step)) passes.push((await pass())!);
    for (const each of passes) {
      expect(await state()).toEqual([step, level]);
      expect(await gate.report(each, "good")).toBe(step === "32" && each === passes.at(-1) ? "flowing" : "recovering");
    }
  }
  expect(await state()).toEqual([null, null]);
  // A request from before says nothing any more.
  expect(await gate.report("1", "bad")).toBe("flowing");
});
