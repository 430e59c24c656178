import { actOnRecord, waitsFor, type RecordAct, type RecordPlace } from "@sluice/operator";
import { laneNames } from "@sluice/runtime";
import { Fault } from "../api/fault.ts";
import { route, type Call, type Operation, type Route } from "../api/operation.ts";
import { OPERATIONS } from "../api/operations.ts";
import type { ShownRecord } from "../contract/record.ts";
import { assertKnown } from "../destinations/known-destination.ts";
import { actorOf, type LiveState } from "../live-state.ts";
import { rowOfRecord, shownRecord } from "./shown-record.ts";

/** Acts on a record are alike but for their names. */
type Named = "id" | "path" | "summary";
type ActOperation = Omit<typeof OPERATIONS.parkRecord, Named> & Pick<Operation, Named>;

export function recordRoutes({ queue, configuration }: LiveState): readonly Route[] {
  async function known({ destination, object, key }: RecordPlace): Promise<ShownRecord | null> {
    const lane = queue.lane(destination);
    const [view, numbers] = await Promise.all([lane.records.show(object, key), lane.numbers()]);
    if (view === null) return null;
    return shownRecord(destination, view, waitsFor(destination, view, numbers), configuration());
  }

  function placeOf({ path, query }: Pick<Call<typeof OPERATIONS.getRecord>, "path" | "query">): RecordPlace {
    const { destination = "", object = "", key = "" } = path;
    assertKnown(configuration(), destination);
    return { destination, object, key: { by: query.by, value: key } };
  }

  const acts = (operation: ActOperation, act: RecordAct): Route =>
    route(operation, async (call) => {
      const place = placeOf(call);
      const fleet = { configuration: configuration(), queue };
      const result = await actOnRecord(fleet, place, act, actorOf(call.caller, call.body.reason));
      return { result, record: await known(place) };
    });

  return [
    route(OPERATIONS.listRecords, async ({ query: { list, destination, limit } }) => {
      if (destination !== undefined) assertKnown(configuration(), destination);
      const names = destination === undefined ? laneNames(configuration()) : [destination];
      const found = await Promise.all(
        names.map(async (name) =>
          (await queue.lane(name).records.list(list, limit + 1)).map((record) => rowOfRecord(name, record)),
        ),
      );
      const items = found.flat().toSorted((a, b) => ((a.sinceAt ?? "") < (b.sinceAt ?? "") ? -1 : 1));
      return { items: items.slice(0, limit), isCut: items.length > limit };
    }),
    route(OPERATIONS.getRecord, async (call) => {
      const place = placeOf(call);
      const record = await known(place);
      if (record !== null) return record;
      throw new Fault(
        "record_unknown",
        `nothing is known of ${place.object} ${place.key.value} at ${place.destination}, taken for its ${place.key.by === "name" ? "name" : "external id"}`,
      );
    }),
    acts(OPERATIONS.parkRecord, "park"),
    acts(OPERATIONS.unparkRecord, "unpark"),
    acts(OPERATIONS.retryRecord, "retry"),
    acts(OPERATIONS.forgetRecord, "forget"),
  ];
}
