import { compareDeliveries } from "./delivery.ts";
import { isDocument, type FoundEvent } from "./shown/event-row.ts";
import { firstOf, isSameWebhook } from "./store/once.ts";
import { compareTokens } from "./story/outcome.ts";
import { flightName, type Flown } from "./written/flown.ts";

/*
 * The order in which lists tell things of one time, the newest first, and whether two of them are one. Both go by the things themselves:
 * pages go on among them, whatever segments they were joined into in between.
 */

/** A replay has the time of the delivery that it repeats, and a document the delivery of the event that asked for it. */
export function compareFound(a: FoundEvent, b: FoundEvent): number {
  return (
    compareDeliveries(b.delivery, a.delivery) ||
    Number(isDocument(b.webhook)) - Number(isDocument(a.webhook)) ||
    compareTexts(a.event.id, b.event.id)
  );
}

/** Joins an event with the same delivery of it in another line, if that is in line already. */
export function joinFound<Found extends FoundEvent>(waiting: Found[], item: Found): boolean {
  const at = waiting.findIndex((each) => compareFound(each, item) === 0 && isSameWebhook(each.webhook, item.webhook));
  if (at < 0) return false;
  if (firstOf(waiting[at]!.webhook, item.webhook) === item.webhook) waiting[at] = item;
  return true;
}

type Flying = { readonly flight: Flown };

/** Flights of one request end together. */
export function compareFlights({ flight: a }: Flying, { flight: b }: Flying): number {
  return compareTokens(b, a) || compareTexts(flightName(a), flightName(b));
}

/** Whether a flight is in line already. */
export function joinFlight(waiting: readonly Flying[], item: Flying): boolean {
  return waiting.some((each) => compareFlights(each, item) === 0);
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
