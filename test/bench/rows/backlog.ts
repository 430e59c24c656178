import { BY_HAND, sluiceOf, type Contestant } from "../contestants.ts";
import { batchOf } from "../event.ts";
import { withFleet } from "../fleet.ts";
import { BACKLOG_EVENTS, EVENTS_PER_RECORD, LATENCY_MS, ROUNDS } from "../limits.ts";
import { inTurn, mediansOf, ratiosOf } from "../rounds.ts";
import type { Finding, Row } from "../row.ts";
import { drained, expectBatch, sendBatch } from "../sending.ts";
import { NOW } from "../tree.ts";
import { withDestination } from "../with-destination.ts";

/** A backlog that was there when the worker began. */
type Measured = { readonly perSecond: number; readonly calls: number; readonly wrong: number };

/** Draining alone: the door takes a backlog in before the worker starts. */
export const backlog: Row = {
  name: "backlog",
  title: `${BACKLOG_EVENTS} events wait when the worker starts; the destination answers after ${LATENCY_MS} ms`,
  always: false,
  measure: async ({ today, rounds = ROUNDS, nodeOptions, progress }) =>
    await withDestination(LATENCY_MS, async (destination) => {
      const findings: Finding[] = [];
      for (const eventsPerRecord of [1, EVENTS_PER_RECORD]) {
        const batch = batchOf(`backlog${eventsPerRecord}`, BACKLOG_EVENTS, {
          records: BACKLOG_EVENTS / eventsPerRecord,
        });
        const measure = async (contestant: Contestant): Promise<Measured> =>
          await withFleet(contestant, { nodeOptions, destinationUrl: destination.url }, async (fleet) => {
            await expectBatch(destination, contestant === BY_HAND ? "calls" : "records", batch);
            await sendBatch(fleet.door.url, batch);
            await fleet.startWorker();
            const { firstCallAt, drainedAt, calls, wrong } = await drained(destination);
            return { perSecond: (batch.events * 1000) / (drainedAt - firstCallAt), calls, wrong };
          });
        const contestants = [BY_HAND, sluiceOf(today()), sluiceOf(NOW)];
        const measured = await inTurn(rounds, contestants, measure, progress);
        const ratios = (ratio: string, of: (each: Measured) => number, unit: string): Finding => ({
          ratio: `${ratio}, ${eventsPerRecord} events per record / by hand`,
          target: "",
          today: ratiosOf(measured.today, measured["by hand"], of),
          now: ratiosOf(measured.now, measured["by hand"], of),
          medians: mediansOf(measured, of, unit),
        });
        findings.push(
          ratios("drained/s", ({ perSecond }) => perSecond, "/s"),
          ratios("calls", ({ calls }) => calls, "calls"),
        );
      }
      return { findings };
    }),
};
