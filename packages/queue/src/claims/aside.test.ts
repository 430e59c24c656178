import { afterAll, expect, inject, test } from "vitest";
import { type Change } from "@sluice/record";
import { isBalanced } from "../books/audit.ts";
import { nextArrival } from "../arrival.fixture.ts";
import type { Claim } from "./claim.ts";
import { ORDER } from "./claim-order.fixture.ts";
import { createMerging } from "../merging/merging.ts";
import { openStillLane, stillRedis } from "../still-clock.fixture.ts";

/** Fields that are set aside, on a real Redis with a clock that the test sets. */
const redis = stillRedis(inject("redisUrl"));
afterAll(() => redis.disconnect());

const KEY = { by: "external_id", value: "r" } as const;

async function open() {
  const still = await openStillLane(redis);
  const { lane, tag } = still;
  const merging = createMerging(() => lane);
  async function merge(version: bigint, fields: Readonly<Record<string, string>> | null): Promise<unknown> {
    const effect: Change["effect"] =
      fields === null ? { kind: "delete" } : { kind: "fields", fields: new Map(Object.entries(fields)) };
    const known = { kind: "integer", value: version } as const;
    const change: Change = { destination: "crm", object: "customer", key: KEY, version: known, effect };
    const event = { id: `e${version}`, type: "t", time: null, source: "erp", data: null, headers: {} };
    const mapped = {
      event,
      rank: 0,
      arrival: nextArrival(),
      run: 0,
      changes: [change],
      faults: [],
      trace: `${version}`,
    };
    return (await merging.merge([mapped]))[0];
  }
  async function claim(): Promise<Claim> {
    const claimed = await lane.claim(ORDER);
    if (claimed.kind !== "claimed") throw new Error(JSON.stringify(claimed));
    return claimed.claims[0]!;
  }
  /** The destination refuses the color of a record whose tier it has, and the rest is on its way. */
  async function colorAside(): Promise<Claim> {
    await merge(5n, { tier: "gold" });
    await lane.settleFields(await claim());
    await merge(6n, { color: "?", city: "Rome" });
    const refused = await claim();
    const { id, destination, object, key } = refused;
    const letter = { id, at: "", destination, object, key, reason: { code: "", message: "" }, events: [] };
    expect(await lane.setAside(refused, ["color"], letter)).toBe("more");
    const rest = await claim();
    expect([...rest.snapshot.fields.keys()]).toEqual(["city"]);
    return rest;
  }
  return { lane, tag, merge, claim, colorAside };
}

test("a record of which only a field that is set aside is left waits for nothing, and what came too late is booked", async () => {
  const { lane, tag, merge, colorAside } = await open();
  const rest = await colorAside();
  // A name comes in, and a delete that is older than the tier and newer than the name.
  expect(await merge(3n, { "standard::name": "Ada" })).toBe("accepted");
  expect(await merge(4n, null)).toBe("superseded");
  expect(await lane.settleFields(rest)).toBe("quiet");

  const { accepted, open: left, outcomes, pendingRecords, deadRecords } = await lane.numbers();
  expect([accepted.get("erp"), left.get("erp") ?? 0, pendingRecords, deadRecords]).toEqual([4, 0, 0, 1]);
  expect([outcomes.get("applied")?.get("erp"), outcomes.get("superseded")?.get("erp")]).toEqual([2, 2]);
  expect((await lane.audit(() => {})).every(isBalanced)).toBe(true);
  const members = await redis.hkeys(`${tag}:p:${rest.id}`);
  expect(members.toSorted()).toEqual(["@change", "@dead", "@key", "@since", "a:color", "f:color"]);
  expect([await redis.zscore(`${tag}:due`, rest.id), await redis.zscore(`${tag}:since`, rest.id)]).toEqual([
    null,
    null,
  ]);
});

test("the letter of a field that is set aside stays until the field is mended, whatever else is written", async () => {
  const { lane, merge, claim, colorAside } = await open();
  const letters = async (): Promise<number> => (await lane.numbers()).deadRecords;
  const rest = await colorAside();
  await merge(7n, { tier: "iron" });
  expect([await lane.settleFields(rest), await letters()]).toEqual(["more", 1]);
  expect([await lane.settleFields(await claim()), await letters()]).toEqual(["quiet", 1]);
  await merge(8n, { color: "blue" });
  expect([await lane.settleFields(await claim()), await letters()]).toEqual(["quiet", 0]);
});
