import { startChild, type Child } from "../child.ts";
import { sluiceOf } from "../contestants.ts";
import { batchOf } from "../event.ts";
import { withFleet, type Fleet } from "../fleet.ts";
import {
  DRAIN_DEADLINE_MS,
  LATENCY_MS,
  LOAD_DEADLINE_MS,
  ROUNDS,
  STEADY_EVENTS,
  STEADY_PER_SECOND,
} from "../limits.ts";
import type { MoodyOrder, WrittenAt } from "../moody-destination.ts";
import { median, quantile } from "../quantile.ts";
import type { Finding, Row } from "../row.ts";
import { runSluice } from "../sluice.ts";
import type { SteadyOrder, SteadyReport } from "../steady-sender.ts";
import { NOW } from "../tree.ts";

/** Milliseconds from an event's 202 to its record at the destination. */
type Lag = { readonly p50: number; readonly p99: number };
type Outage = "refuses" | "hangs";
type Pair = { readonly well: Lag; readonly down: Lag };

const OUTAGES: readonly Outage[] = ["refuses", "hangs"];

/**
 * The price of one destination's outage for another one of the same fleet. Both get a steady stream; the lag of the healthy one
 * is measured in turns, with its neighbour well and with it down, so that other work of the machine meets both alike.
 */
export const outage: Row = {
  name: "outage",
  title: "One destination down, lag of the other",
  always: false,
  async measure({ rounds = ROUNDS, nodeOptions, progress }) {
    const children: Child[] = [];
    const start = async (file: string, settings: object): Promise<Child> => {
      const child = await startChild(file, settings);
      children.push(child);
      return child;
    };
    try {
      const destination = await start("moody-destination.ts", { latencyMs: LATENCY_MS });
      const neighbour = await start("moody-destination.ts", { latencyMs: LATENCY_MS });
      const sender = await start("steady-sender.ts", {});
      const settings = {
        nodeOptions,
        destinationUrl: destination.url,
        neighbourUrl: neighbour.url,
        configuration: "two-destinations.yaml",
      };
      return await withFleet(sluiceOf(NOW), settings, async (fleet) => {
        await fleet.startWorker();
        const turn = turnOf({ destination, neighbour, sender }, fleet);
        await turn("well");
        const pairs: Record<Outage, Pair[]> = { refuses: [], hangs: [] };
        for (let round = 1; round <= rounds; round += 1) {
          for (const each of OUTAGES) {
            const pair = { well: await turn("well"), down: await turn(each) };
            pairs[each].push(pair);
            progress(`round ${round} of ${rounds}, neighbour ${each}: ${JSON.stringify(pair)}`);
          }
        }
        return { findings: OUTAGES.flatMap((each) => [findingOf(each, pairs, "p50"), findingOf(each, pairs, "p99")]) };
      });
    } finally {
      for (const child of children.toReversed()) await child.stop();
    }
  },
};

function findingOf(down: Outage, pairs: Readonly<Record<Outage, readonly Pair[]>>, which: keyof Lag): Finding {
  const medianOf = (side: keyof Pair): string => median(pairs[down].map((pair) => pair[side][which])).toFixed(1);
  return {
    ratio: `lag, ${which}, neighbour ${down} / neighbour well`,
    target: "",
    today: [],
    now: pairs[down].map((pair) => pair.down[which] / pair.well[which]),
    medians: `down ${medianOf("down")}, well ${medianOf("well")} ms`,
  };
}

type Parts = { readonly destination: Child; readonly neighbour: Child; readonly sender: Child };

/** One turn: the neighbour is well or down from its first event on, and has caught up when it ends. */
function turnOf(
  { destination, neighbour, sender }: Parts,
  { door, surroundings }: Fleet,
): (mood: Outage | "well") => Promise<Lag> {
  let turns = 0;
  return async (mood) => {
    turns += 1;
    const batch = batchOf(`turn${turns}`, STEADY_EVENTS);
    await neighbour.order({ be: mood } satisfies MoodyOrder, 1000);
    const order: SteadyOrder = { url: door.url, perSecond: STEADY_PER_SECOND, batches: { erp: batch, shop: batch } };
    const { erp } = (await sender.order(order, LOAD_DEADLINE_MS)) as SteadyReport;
    const all: MoodyOrder = { writtenAt: STEADY_EVENTS };
    const written = (await destination.order(all, DRAIN_DEADLINE_MS)) as WrittenAt;
    await neighbour.order({ be: "well" } satisfies MoodyOrder, 1000);
    // An operator who knows that the outage is over resumes the destination: the next turn need not wait for a probe.
    if (mood !== "well") await runSluice(NOW, ["resume", "neighbour"], surroundings);
    await neighbour.order(all, DRAIN_DEADLINE_MS);
    const lags = erp!.map((acceptedAt, index) => written[`erp:${batch.name}-${index}`]! - acceptedAt);
    return { p50: quantile(lags, 0.5), p99: quantile(lags, 0.99) };
  };
}
