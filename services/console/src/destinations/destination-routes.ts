import { holdDestination, resumeDestination } from "@sluice/operator";
import { accountsOf, type LaneNumbers } from "@sluice/queue";
import { markOf, sharesOf, type Configuration } from "@sluice/runtime";
import { OUTCOMES } from "@sluice/record";
import { route, type Route } from "../api/operation.ts";
import { OPERATIONS } from "../api/operations.ts";
import type { DestinationJson } from "../contract/destination.ts";
import { actorOf, type LiveState } from "../live-state.ts";
import { summarizeDestination } from "../now/destination-now.ts";
import type { FleetSnapshot, FleetWatch } from "../now/fleet-watch.ts";
import { assertKnown, unknownDestination } from "./known-destination.ts";
import { objectsOf } from "./objects.ts";

export type DestinationOptions = LiveState & { readonly watch: FleetWatch };

export function destinationRoutes({ queue, configuration, watch }: DestinationOptions): readonly Route[] {
  function one(name: string, { lanes }: FleetSnapshot): DestinationJson {
    const lane = lanes.get(name);
    if (lane === undefined) throw unknownDestination(name);
    const current = configuration();
    return {
      now: summarizeDestination(name, lane, watch.lately, current),
      ...settingsOf(name, lane, current),
      outcomesBySource: accountsOf(lane).map(({ source, accepted, outcomes, pending }) => ({
        source,
        accepted,
        ...outcomes,
        open: pending,
      })),
    };
  }

  /** The destination as it is after an act: the last look may be from before it. */
  async function afresh(name: string): Promise<DestinationJson> {
    const numbers = await queue.lane(name).numbers();
    const look = await watch.latest();
    return one(name, { ...look, lanes: new Map([...look.lanes, [name, numbers]]) });
  }

  return [
    route(OPERATIONS.listDestinations, async () => {
      const look = await watch.latest();
      return { destinations: [...look.lanes.keys()].map((name) => one(name, look)) };
    }),
    route(OPERATIONS.getDestination, async ({ path: { name = "" } }) => one(name, await watch.latest())),
    route(OPERATIONS.holdDestination, async ({ path: { name = "" }, body, caller }) => {
      assertKnown(configuration(), name);
      await holdDestination({ configuration: configuration(), queue }, name, actorOf(caller, body.reason));
      return await afresh(name);
    }),
    route(OPERATIONS.resumeDestination, async ({ path: { name = "" }, body, caller }) => {
      assertKnown(configuration(), name);
      const fleet = { configuration: configuration(), queue };
      const was = await resumeDestination(fleet, name, actorOf(caller, body.reason));
      return { was, destination: await afresh(name) };
    }),
  ];
}

type Settings = Omit<DestinationJson, "now" | "outcomesBySource">;

function settingsOf(name: string, lane: LaneNumbers, configuration: Configuration): Settings {
  const shares = sharesOf(configuration, name);
  const shared =
    shares.size === 0
      ? null
      : [...shares].map(([source, share]) => ({ source, share, open: lane.open.get(source) ?? 0 }));
  const objects = objectsOf(configuration, name);
  const configured = configuration.destinations.get(name);
  if (configured !== undefined) {
    const { url, concurrency, batch, timeoutMs, settleAfterSilenceMs } = configured;
    const said = lane.fenced === markOf({ url }) ? true : null;
    const fences = configured.fences ?? said;
    const origin = new URL(url).origin;
    return { origin, concurrency, batch, timeoutMs, settleAfterSilenceMs, fences, shares: shared, objects };
  }
  const source = [...configuration.sources.values()].find(({ fetch }) => fetch?.name === name);
  const [written] = source?.mappings.flatMap(({ fetch }) => fetch?.written.text ?? []) ?? [];
  return {
    origin: written === undefined ? "" : (/^https?:\/\/[^/]+/.exec(written)?.[0] ?? ""),
    concurrency: source?.fetch?.concurrency ?? 0,
    batch: 1,
    timeoutMs: source?.fetch?.timeoutMs ?? 0,
    // Nothing is written at a source.
    fences: true,
    settleAfterSilenceMs: 0,
    shares: null,
    objects,
  };
}

/** The contract lists outcomes by name: a new one has to be added there. */
OUTCOMES satisfies readonly (keyof DestinationJson["outcomesBySource"][number])[];
