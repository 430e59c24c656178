import type { Redis } from "ioredis";
import { sluiceOf, type Contestant } from "../contestants.ts";
import { batchOf } from "../event.ts";
import { withFleet } from "../fleet.ts";
import { REMEMBERED_EVENTS, EVENTS_PER_REMEMBERED_RECORD, ROUNDS_OF_BYTES } from "../limits.ts";
import { inTurn, mediansOf, ratiosOf } from "../rounds.ts";
import type { Row } from "../row.ts";
import { sendBatch } from "../sending.ts";
import { NOW } from "../tree.ts";
import { withDestination } from "../with-destination.ts";

type Measured = { readonly bytes: number; readonly keys: number };

/** The keys of ids: sets by quarter of the window, or many small hashes. */
const PATTERNS = ["{sluice:crm}:seen:*", "{sluice:crm}:e:*"];

/** The bytes of a key's place in the tables of keys and of expiries; Redis frees it when it next makes them smaller, not with the key. */
const PLACE_BYTES = 16;

/** Many events go the whole way; then Redis forgets their ids, and nothing else, and is smaller by the ids' cost. */
export const remembered: Row = {
  name: "remembered",
  title: "Redis' bytes of a remembered event id",
  always: true,
  async measure({ today, rounds = ROUNDS_OF_BYTES, events = REMEMBERED_EVENTS, nodeOptions, progress }) {
    const batch = batchOf("remembered", events, { records: events / EVENTS_PER_REMEMBERED_RECORD });
    return await withDestination(0, async (destination) => {
      const measure = async (contestant: Contestant): Promise<Measured> =>
        await withFleet(contestant, { nodeOptions, destinationUrl: destination.url }, async (fleet) => {
          await fleet.startWorker();
          await sendBatch(fleet.door.url, batch);
          await fleet.redis.settled();
          const before = await fleet.redis.keptBytes();
          const keys = await forget(fleet.redis.client);
          const freed = before - (await fleet.redis.keptBytes());
          return { bytes: (freed + keys * PLACE_BYTES) / batch.events, keys };
        });
      const measured = await inTurn(rounds, [sluiceOf(today()), sluiceOf(NOW)], measure, progress);
      const of = (each: Measured): number => each.bytes;
      return {
        findings: [
          {
            ratio: "bytes of a remembered event id / today's",
            target: "≤ 0.4",
            today: null,
            now: ratiosOf(measured.now, measured.today, of),
            medians: mediansOf(measured, of, "bytes"),
          },
        ],
      };
    });
  },
};

async function forget(client: Redis): Promise<number> {
  const keys: string[] = [];
  for (const match of PATTERNS) {
    for await (const found of client.scanStream({ match, count: 1000 })) keys.push(...(found as string[]));
  }
  const distinct = [...new Set(keys)];
  for (let at = 0; at < distinct.length; at += 1000) await client.del(...distinct.slice(at, at + 1000));
  return distinct.length;
}
