import type { Event, Json, Sender } from "@sluice/event";
import { expect } from "vitest";
import { hasPreset, isThin, SOAP, type Kind } from "./kind.fixture.ts";
import { changed, leavesOf, setBy } from "./preset.fixture.ts";
import { eventsWith, isTime, isXml, placesOf, readable, textOf, valueAt, type Place } from "./sample-places.fixture.ts";

/** A place whose change alone gives the first event another id. */
function namesEvent(sender: Sender, place: Place): boolean {
  const [first] = eventsWith(sender);
  const [other] = readable(sender, place, valueAt(sender, place) === "another" ? "one more" : "another");
  return other !== undefined && other.id !== first!.id;
}

export const identity: Kind = {
  name: "K1: an id made of record and time",
  cell: (sender) => {
    if (isXml(sender)) {
      return { looked: "the notification's own Id", test: "a record keeps its texts, what is nil is null", in: SOAP };
    }
    const { id, volatile = [] } = sender.event;
    const isGiven = id.length > 0 && !eventsWith(sender)[0]!.id.startsWith("sha256:");
    return {
      looked: isGiven ? `what makes the id: ${id.join(", ")}` : "that nothing is given, and the id is made of all",
      run: async () => {
        const places = placesOf(sender).filter((place) => namesEvent(sender, place));
        if (isGiven) {
          // A record's id with the time of its change is no event's id: one part of it has to be neither.
          const own: string[] = [];
          for (const place of places) if (await isEventsOwn(sender, place)) own.push(place.join("."));
          expect(own, `only ${places.map((place) => place.join(".")).join(", ")}`).not.toEqual([]);
          return;
        }
        const content = leavesOf(sender.sample.body).filter((place) => !isLeftOut(sender, place, volatile));
        const unseen = content.filter(
          (place) => readable(sender, place, "another").length > 0 && !namesEvent(sender, place),
        );
        expect(unseen.map((place) => place.join("."))).toEqual([]);
      },
    };
  },
};

/** Whether the value is neither a time nor the record's name. */
async function isEventsOwn(sender: Sender, place: Place): Promise<boolean> {
  const value = valueAt(sender, place);
  if (isTime(value)) return false;
  if (place[0] === "header:") return true;
  const own = (event: Event | undefined): string => JSON.stringify(event?.data);
  if (own(eventsWith(sender)[0]) === own(readable(sender, place, "another")[0])) return true;
  const isCloudEvent = valueAt(sender, [...place.slice(0, -1), "specversion"]) !== undefined;
  if (isCloudEvent && place.at(-1) === "id") return true;
  if (place[0] === "history_items") return true;
  // Notion's record is the event's entity.
  if (place.join(".") === "id" && valueAt(sender, ["entity", "id"]) !== undefined) return true;
  if (OWN_NAMES.test(place.at(-1)!) || OWN_VALUES.test(textOf(value))) return true;
  if (!hasPreset(sender) || isThin(sender)) return false;
  const keys = async (body: Json): Promise<string> =>
    JSON.stringify([...((await setBy(sender, body)) ?? new Map()).keys()]);
  return (await keys(sender.sample.body)) === (await keys(changed(sender.sample.body, place, "another")));
}

/** Members that senders call an event's own id, and values that look like one. */
const OWN_NAMES = /^(?:event_?id|triggerUuid)$/i;
const OWN_VALUES = /^(?:EV|ev_|evt_)/;

/** A place that differs between attempts, that is a credential, or that stands outside the elements. */
function isLeftOut({ event }: Sender, place: Place, volatile: readonly string[]): boolean {
  const { omit = [], split, each } = event;
  const path = place.filter((member) => !/^\d+$/.test(member)).join(".");
  const at = typeof split === "object" ? split.at.replaceAll("[]", "") : "";
  if (at !== "" && !path.startsWith(`${at}.`)) return true;
  const own = at === "" ? path : path.slice(at.length + 1);
  // A webhook with several ids has one event for each.
  return [...volatile, ...omit, ...(typeof each === "string" ? [each] : [])].some(
    (name) => own === name || own.startsWith(`${name}.`),
  );
}
