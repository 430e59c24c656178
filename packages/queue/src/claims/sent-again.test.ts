import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { type Change, type ChangeEffect } from "@sluice/record";
import { nextArrival } from "../arrival.fixture.ts";
import { ORDER } from "./claim-order.fixture.ts";
import type { Claim } from "./claim.ts";
import { openQueue, type Queue } from "../queue.ts";

/** A worker's connection that breaks before an answer came sends the command again: each may be carried out twice. */
let queue: Queue;
beforeEach(async () => {
  queue = await openQueue({
    redisUrl: inject("redisUrl"),
    kind: "door",
    destinations: ["crm"],
    dedupeWindowMs: 3_600_000,
    orderingHorizonMs: 3_600_000,
    namespace: `again-${randomUUID()}`,
    onError: (error) => console.error(error),
  });
});
afterEach(async () => await queue.close());

async function admit(version: bigint, effect: ChangeEffect): Promise<void> {
  const change: Change = {
    destination: "crm",
    object: "customer",
    key: { by: "external_id", value: "c-1" },
    version: { kind: "integer", value: version },
    effect,
  };
  const event = { id: `e${version}`, type: "t", time: null, source: "erp", data: null, headers: {} };
  await queue.merging.merge([{ event, rank: 0, arrival: nextArrival(), run: 0, changes: [change], faults: [] }]);
}

async function claim(): Promise<Claim> {
  const claimed = await queue.lane("crm").claim(ORDER);
  if (claimed.kind !== "claimed" || claimed.claims[0] === undefined) throw new Error("nothing to claim");
  return claimed.claims[0];
}

async function books(): Promise<Record<string, number>> {
  const { accepted, open, outcomes } = await queue.lane("crm").numbers();
  const sum = (bySource: ReadonlyMap<string, number> | undefined): number =>
    [...(bySource?.values() ?? [])].reduce((a, b) => a + b, 0);
  const of = (outcome: "applied" | "superseded"): number => sum(outcomes.get(outcome));
  return { accepted: sum(accepted), open: sum(open), applied: of("applied"), superseded: of("superseded") };
}

test("a delete that is settled twice counts once, and its record's fields go out with the next claim", async () => {
  await admit(1n, { kind: "delete" });
  await admit(2n, { kind: "fields", fields: new Map([["tier", "gold"]]) });
  const lane = queue.lane("crm");
  const held = await claim();
  expect(await lane.settleDelete(held)).toBe("more");
  expect(await lane.settleDelete(held)).toBe("lost");
  expect(await books()).toEqual({ accepted: 2, open: 1, applied: 1, superseded: 0 });
  expect(await lane.settleFields(await claim())).toBe("quiet");
  expect(await books()).toEqual({ accepted: 2, open: 0, applied: 2, superseded: 0 });
});

test("fields that are settled twice, and a record given back twice, count once", async () => {
  const lane = queue.lane("crm");
  await admit(1n, { kind: "fields", fields: new Map([["tier", "gold"]]) });
  const first = await claim();
  expect(await lane.wait(first, 0, { spent: true })).toBe("waiting");
  expect(await lane.wait(first, 0, { spent: true })).toBe("lost");
  const second = await claim();
  expect(second.attempts).toBe(1);
  expect(await lane.settleFields(second)).toBe("quiet");
  expect(await lane.settleFields(second)).toBe("lost");
  expect(await books()).toEqual({ accepted: 1, open: 0, applied: 1, superseded: 0 });
});

test("of a record that is given back with nothing left to send, the next claim ends what is open", async () => {
  const lane = queue.lane("crm");
  await admit(5n, { kind: "fields", fields: new Map([["tier", "gold"]]) });
  expect(await lane.settleFields(await claim())).toBe("quiet");
  await admit(3n, { kind: "fields", fields: new Map([["standard::name", "Ada"]]) });
  const held = await claim();
  // The delete is older than the tier, so the record lives on, and newer than the name, which it drops.
  await admit(4n, { kind: "delete" });
  expect(await lane.wait(held, 0, { spent: true })).toBe("waiting");
  expect(await books()).toEqual({ accepted: 3, open: 1, applied: 1, superseded: 1 });
  const next = await claim();
  expect(next.snapshot.fields.size).toBe(0);
  expect(await lane.settleFields(next)).toBe("quiet");
  expect(await books()).toEqual({ accepted: 3, open: 0, applied: 1, superseded: 2 });
});

test("a record that is settled twice by one script counts once", async () => {
  await admit(1n, { kind: "fields", fields: new Map([["tier", "gold"]]) });
  const lane = queue.lane("crm");
  const held = await claim();
  expect(await Promise.all([lane.settleFields(held), lane.settleFields(held)])).toEqual(["quiet", "lost"]);
  expect(await books()).toEqual({ accepted: 1, open: 0, applied: 1, superseded: 0 });
});
