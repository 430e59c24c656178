import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, expect, inject, test } from "vitest";
import { stampOf, type Stamp } from "@sluice/record";
import { nextArrival } from "../arrival.fixture.ts";
import { createAcknowledgement } from "../server/acknowledgement.ts";
import { createMerging } from "../merging/merging.ts";
import { ORDER } from "../claims/claim-order.fixture.ts";
import { connect, waitUntilReady } from "../connection/connection.ts";
import { createLane } from "../lane.ts";
import { laneTag } from "../lanes/tags.ts";
import { readLedger } from "./ledger.fixture.ts";

const redis = connect(inject("redisUrl"), "worker", (error) => console.error(error));
afterAll(() => redis.disconnect());

const NAMES = Array.from({ length: 8 }, (_, n) => `field_${n}`);
/** Fields that came together, event after event, each confirmed before the next. */
const events = fc.array(fc.subarray(NAMES, { minLength: 1 }), { minLength: 1, maxLength: 12 });

test("whichever fields share an event, the ledger knows each one's stamp and keeps none twice", async () => {
  await waitUntilReady(redis);
  const seed = Number(process.env["SLUICE_TEST_SEED"]);
  console.log(`ledger, seed ${seed}`);
  await fc.assert(
    fc.asyncProperty(events, async (all) => {
      const namespace = randomUUID();
      const tag = laneTag(namespace, "crm");
      const lane = createLane(redis, {
        namespace,
        destination: "crm",
        dedupeWindowMs: 60_000,
        orderingHorizonMs: 60_000,
        acknowledgement: createAcknowledgement(redis, "redis"),
      });
      const { merge } = createMerging(() => lane);
      const expected = new Map<string, Stamp>();
      for (const [index, names] of all.entries()) {
        const arrival = nextArrival();
        const version = { kind: "integer", value: BigInt(index) } as const;
        const event = { id: `e${index}`, type: "t", time: null, source: "erp", data: null, headers: {} };
        const effect = { kind: "fields", fields: new Map(names.map((name) => [name, index])) } as const;
        const key = { by: "external_id", value: "c-1" } as const;
        const change = { destination: "crm", object: "customer", key, version, effect };
        await merge([{ event, rank: 0, arrival, run: 0, changes: [change], faults: [] }]);
        const claimed = await lane.claim(ORDER);
        if (claimed.kind !== "claimed") throw new Error(claimed.kind);
        await lane.settleFields(claimed.claims[0]!);
        for (const name of names) expected.set(name, stampOf(version, 0, { finerMicros: null, arrival, run: 0 }));
      }
      const keys = await redis.keys(`{${namespace}:*`);
      const ledger = keys.find((key) => key.startsWith(`${tag}:l:`)) ?? "";
      const { stamps } = await readLedger(redis, ledger);
      expect(stamps).toEqual(expected);
      const kept = Object.keys(await redis.hgetall(ledger));
      const uses = Map.groupBy(expected.values(), ({ tail }) => tail);
      const shared = [...uses.values()].filter((each) => each.length > 1);
      expect(kept.filter((name) => name.startsWith("#"))).toHaveLength(shared.length);
      expect(await redis.object("ENCODING", ledger)).toMatch(/^(listpack|ziplist)$/);
      await redis.del(...keys);
    }),
    { seed, numRuns: 30 },
  );
});
