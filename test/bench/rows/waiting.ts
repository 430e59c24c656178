import { BY_HAND, sluiceOf, type Contestant } from "../contestants.ts";
import { batchOf } from "../event.ts";
import { withFleet } from "../fleet.ts";
import { ROUNDS_OF_BYTES, WAITING_BYTES, WAITING_WEBHOOKS, WARM_UP_EVENTS } from "../limits.ts";
import { inTurn, mediansOf, ratiosOf } from "../rounds.ts";
import type { Row } from "../row.ts";
import { sendBatch } from "../sending.ts";
import { meanGroup } from "../server.ts";
import { NOW } from "../tree.ts";

type Measured = { readonly bytes: number; readonly group?: number };

/** The cost of a webhook in Redis while no worker is there to take it. Today's release knows no webhook: its records wait. */
export const waiting: Row = {
  name: "waiting",
  title: `Redis' bytes of a waiting webhook of ${WAITING_BYTES} bytes, workers stopped`,
  always: true,
  async measure({ today, rounds = ROUNDS_OF_BYTES, events = WAITING_WEBHOOKS, nodeOptions, progress }) {
    const bytes = { least: WAITING_BYTES, most: WAITING_BYTES };
    const batch = batchOf("waiting", events, { bytes });
    const measure = async (contestant: Contestant): Promise<Measured> =>
      await withFleet(contestant, { nodeOptions, destinationUrl: "http://127.0.0.1:9" }, async ({ redis, door }) => {
        await sendBatch(door.url, batchOf("warm-up", WARM_UP_EVENTS, { bytes }));
        const before = await redis.keptBytes();
        await sendBatch(door.url, batch);
        const each = ((await redis.keptBytes()) - before) / batch.events;
        const group = await meanGroup(redis, batch.events + WARM_UP_EVENTS);
        return { bytes: each, ...(group === null ? {} : { group }) };
      });
    const measured = await inTurn(rounds, [BY_HAND, sluiceOf(today()), sluiceOf(NOW)], measure, progress);
    const of = (each: Measured): number => each.bytes;
    const groups = measured.now.flatMap(({ group }) => group ?? []);
    const grouped = groups.length === 0 ? "" : `; groups of ${Math.min(...groups).toFixed(0)}`;
    return {
      findings: [
        {
          ratio: `bytes of a waiting ${WAITING_BYTES}-byte webhook / by hand's job`,
          target: "≤ 0.25",
          today: ratiosOf(measured.today, measured["by hand"], of),
          now: ratiosOf(measured.now, measured["by hand"], of),
          medians: `${mediansOf(measured, of, "bytes")}${grouped}`,
        },
      ],
    };
  },
};
