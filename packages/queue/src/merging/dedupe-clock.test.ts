import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { Change, MappedEvent } from "@sluice/record";
import { nextArrival } from "../arrival.fixture.ts";
import { createMerging } from "./merging.ts";
import { openStillLane, stillRedis, type StillLane } from "../still-clock.fixture.ts";

/**
 * Seen entries lie in slices of half a dedupe window. Once they lay in slices of six hours that were named by the clock: set back over
 * an edge of them it made a duplicate of two seconds ago new, and by order of arrival the old value came back.
 */
const redis = stillRedis(inject("redisUrl"));
let still: StillLane;
beforeAll(async () => void (still = await openStillLane(redis)));
afterAll(() => redis.disconnect());

const HOUR_MS = 3_600_000;
/** The still lane's window is a day. */
const EDGE_MS = 12 * HOUR_MS;

/** An event whose change is ordered by arrival alone. */
function event(id: string, tier: string): MappedEvent {
  const change: Change = {
    destination: "crm",
    object: "customer",
    key: { by: "external_id", value: "c-1" },
    version: null,
    effect: { kind: "fields", fields: new Map([["tier", tier]]) },
  };
  const said = { id, type: "t", time: null, source: "erp", data: null, headers: {} };
  return { event: said, rank: 0, arrival: nextArrival(), run: 0, changes: [change], faults: [] };
}

test.each([
  ["stands still", 0],
  ["goes back over the edge of a slice", -2 * 60_000],
  ["goes back over two of them", -EDGE_MS - 60_000],
  ["goes back by days", -5 * 24 * HOUR_MS],
  ["goes forward over the edge of a slice", EDGE_MS],
  ["goes forward by minutes", 5 * 60_000],
])(
  "when Redis' clock %s, a duplicate of two seconds ago is one, before and after it is set right",
  async (_what, jump) => {
    const merging = createMerging(() => still.lane);
    // A minute past an edge of the slices that the clock would have named, and of our own.
    await still.passTime(EDGE_MS + 60_000);
    const old = `${_what} old`;
    expect(await merging.merge([event(old, "silver")])).toEqual(["accepted"]);
    await still.passTime(1000);
    expect(await merging.merge([event(`${_what} new`, "gold")])).toEqual(["accepted"]);
    await still.passTime(1000 + jump);
    expect(await merging.merge([event(old, "silver")])).toEqual(["duplicate"]);
    // An event that comes in meanwhile is remembered as well.
    expect(await merging.merge([event(`${_what} during`, "gold")])).toEqual(["accepted"]);
    await still.passTime(2000 - jump);
    for (const id of [old, `${_what} new`, `${_what} during`]) {
      expect(await merging.merge([event(id, "silver")]), id).toEqual(["duplicate"]);
    }
  },
);
