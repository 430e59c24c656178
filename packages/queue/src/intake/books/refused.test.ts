import { afterEach, beforeEach, expect, test } from "vitest";
import { REFUSED_MINUTES } from "../../limits.ts";
import { openIntakePlace, type IntakePlace } from "../intake.fixture.ts";

let at: IntakePlace;
beforeEach(() => (at = openIntakePlace()));
afterEach(async () => await at.close());

test("requests that were not authentic are counted by the minute, added up over some, and forgotten by themselves", async () => {
  const { intake } = await at.open("door");
  const nowMs = Date.now();
  const minutes = (ago: number): number => nowMs - ago * 60_000;
  await intake.refused.add(new Map([["erp signature_wrong", 3]]), minutes(0));
  await intake.refused.add(
    new Map([
      ["erp signature_wrong", 2],
      ["shop timestamp_stale", 1],
    ]),
    minutes(4),
  );
  await intake.refused.add(new Map([["erp signature_wrong", 50]]), minutes(5));
  expect(await intake.refused.lately(5, nowMs)).toEqual(
    new Map([
      ["erp signature_wrong", 5],
      ["shop timestamp_stale", 1],
    ]),
  );
  const left = await at.redis.pttl(`${at.tag}:refused:${Math.floor(nowMs / 60_000)}`);
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThanOrEqual(REFUSED_MINUTES * 60_000);
});
