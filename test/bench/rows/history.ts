import { sluiceOf, withHistoryIn, type Contestant } from "../contestants.ts";
import { batchOf } from "../event.ts";
import { withFleet } from "../fleet.ts";
import { BACKLOG_EVENTS, ROUNDS } from "../limits.ts";
import { benchPostgres } from "../records/postgres.ts";
import { inTurn, mediansOf, ratiosOf } from "../rounds.ts";
import type { Row } from "../row.ts";
import { drained, expectBatch, sendBatch } from "../sending.ts";
import { NOW } from "../tree.ts";
import { withDestination } from "../with-destination.ts";
import { partsOf, withTogether, type Measured } from "./together.ts";

/** The price of the history for the flow: the same release with and without one, in a Postgres that shares the machine. */
export const history: Row = {
  name: "history",
  title: "With a history and without, zero-latency destination",
  always: false,
  async measure({ rounds = ROUNDS, nodeOptions, progress }) {
    const postgres = await benchPostgres(undefined);
    try {
      const contestants = [sluiceOf(NOW), withHistoryIn(postgres.url)];
      const both = await withTogether(
        nodeOptions,
        async (measure) => await inTurn(rounds, contestants, measure, progress),
      );
      const backlog = await withDestination(0, async (destination) => {
        const batch = batchOf("history", BACKLOG_EVENTS);
        const measure = async (contestant: Contestant): Promise<number> =>
          await withFleet(contestant, { nodeOptions, destinationUrl: destination.url }, async (fleet) => {
            await expectBatch(destination, "records", batch);
            await sendBatch(fleet.door.url, batch);
            await fleet.startWorker();
            const { firstCallAt, drainedAt } = await drained(destination);
            return (batch.events * 1000) / (drainedAt - firstCallAt);
          });
        return await inTurn(rounds, contestants, measure, progress);
      });
      const accepted = (each: Measured): number => each.acceptedPerSecond;
      const applied = (each: Measured): number => each.appliedPerSecond;
      const ratio = { target: "≥ 0.95", today: null };
      return {
        findings: [
          {
            ...ratio,
            ratio: "accepted/s with a history / without",
            now: ratiosOf(both["with history"], both.now, accepted),
            medians: mediansOf(both, accepted, "/s"),
          },
          {
            ...ratio,
            ratio: "accepted and applied/s with a history / without",
            now: ratiosOf(both["with history"], both.now, applied),
            medians: mediansOf(both, applied, "/s"),
          },
          {
            ...ratio,
            ratio: "drained/s with a history / without",
            now: ratiosOf(backlog["with history"], backlog.now, (each) => each),
            medians: mediansOf(backlog, (each) => each, "/s"),
          },
        ],
        notes: partsOf(both),
      };
    } finally {
      await postgres.stop();
    }
  },
};
