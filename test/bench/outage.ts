import { openQueue } from "@sluice/queue";
import { startChild, type Child } from "./child.ts";
import type { Surroundings } from "./contestants.ts";
import type { SluiceSettings } from "./contestants/sluice-configuration.ts";
import { DRAIN_DEADLINE_MS, LOAD_DEADLINE_MS, STEADY_EVENTS, STEADY_PER_SECOND } from "./limits.ts";
import { median, quantile } from "./quantile.ts";
import type { MoodyOrder, WrittenAt } from "./moody-destination.ts";
import type { BenchRedis } from "./server.ts";
import type { SteadyOrder, SteadyReport } from "./steady-sender.ts";

/** Milliseconds from an event's 202 to its record at the destination. */
type Lag = { readonly p50Ms: number; readonly p99Ms: number };
type Outage = "refuses" | "hangs";

const OUTAGES: readonly Outage[] = ["refuses", "hangs"];

/**
 * What an outage of one destination costs another one of the same fleet. Both get a steady stream; the lag of the one that is well
 * is measured in turns, with its neighbour well and with it down, so that what else the machine does meets both alike.
 */
export async function benchOutage(
  redis: BenchRedis,
  { redisUrl, nodeOptions }: Surroundings,
  { rounds, latencyMs }: { readonly rounds: number; readonly latencyMs: number },
): Promise<string> {
  await redis.empty();
  const children: Child[] = [];
  const start = async (file: string, settings: object, options: readonly string[] = []): Promise<Child> => {
    const child = await startChild(file, settings, options);
    children.push(child);
    return child;
  };
  try {
    const destination = await start("moody-destination.ts", { latencyMs });
    const neighbour = await start("moody-destination.ts", { latencyMs });
    const settings: SluiceSettings = {
      redisUrl,
      destinationUrl: destination.url,
      neighbourUrl: neighbour.url,
      configuration: "two-destinations.yaml",
    };
    const door = await start("contestants/sluice-ingress.ts", settings, nodeOptions);
    await start("contestants/sluice-worker.ts", settings, nodeOptions);
    const sender = await start("steady-sender.ts", {});
    const turn = turnOf({ redisUrl, destination, neighbour, door, sender });

    await turn("well");
    const lines: string[] = [];
    const ratios = OUTAGES.map((outage) => ({ outage, p50: [] as number[], p99: [] as number[] }));
    for (let round = 1; round <= rounds; round += 1) {
      for (const { outage, p50, p99 } of ratios) {
        const [well, down] = [await turn("well"), await turn(outage)];
        lines.push(`round ${round}: neighbour well ${inWords(well)}; neighbour ${outage} ${inWords(down)}`);
        p50.push(down.p50Ms / well.p50Ms);
        p99.push(down.p99Ms / well.p99Ms);
      }
      process.stderr.write(`outage, round ${round} done\n`);
    }
    const summary = ratios.flatMap(({ outage, p50, p99 }) =>
      Object.entries({ p50, p99 }).map(
        ([what, all]) =>
          `neighbour ${outage} / neighbour well, lag, ${what}: ${median(all).toFixed(2)} ` +
          `(${all.map((each) => each.toFixed(2)).join(", ")})`,
      ),
    );
    return ["One destination down, lag of the other", ...lines, "", ...summary].join("\n");
  } finally {
    for (const child of children.toReversed()) await child.stop();
  }
}

type Fleet = {
  readonly redisUrl: string;
  readonly destination: Child;
  readonly neighbour: Child;
  readonly door: Child;
  readonly sender: Child;
};

/** One turn: the neighbour is well or down from its first event on, and has caught up when it ends. */
function turnOf({ redisUrl, destination, neighbour, door, sender }: Fleet): (mood: Outage | "well") => Promise<Lag> {
  let turns = 0;
  return async (mood) => {
    turns += 1;
    const name = `turn${turns}`;
    const batch = { name, events: STEADY_EVENTS, records: STEADY_EVENTS, signedAtMs: Date.now() };
    await neighbour.order({ be: mood } satisfies MoodyOrder, 1000);
    const order: SteadyOrder = { url: door.url, perSecond: STEADY_PER_SECOND, batches: { erp: batch, shop: batch } };
    const { erp } = (await sender.order(order, LOAD_DEADLINE_MS)) as SteadyReport;
    const all: MoodyOrder = { writtenAt: STEADY_EVENTS };
    const written = (await destination.order(all, DRAIN_DEADLINE_MS)) as WrittenAt;
    await neighbour.order({ be: "well" } satisfies MoodyOrder, 1000);
    if (mood !== "well") await resume(redisUrl);
    await neighbour.order(all, DRAIN_DEADLINE_MS);
    const lags = erp!.map((acceptedAt, index) => written[`erp:${name}-${index}`]! - acceptedAt);
    return { p50Ms: quantile(lags, 0.5), p99Ms: quantile(lags, 0.99) };
  };
}

/** What an operator would do who knows that the outage is over: the next turn need not wait for a probe. */
async function resume(redisUrl: string): Promise<void> {
  const queue = await openQueue({
    redisUrl,
    kind: "door",
    destinations: ["neighbour"],
    dedupeWindowMs: 0,
    orderingHorizonMs: 0,
    onError: (error) => console.error(error.message),
  });
  await queue.gate("neighbour").resume();
  await queue.close();
}

function inWords({ p50Ms, p99Ms }: Lag): string {
  return `p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`;
}
