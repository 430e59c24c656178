import { readEvents, UnreadableBodyError, type Event, type Json, type Sender } from "@sluice/event";
import { changed, leavesOf } from "./preset.fixture.ts";

/** The words of a path in the sample's body, or in its headers, where `header:` stands before the name. */
export type Place = readonly string[];

/** The events of the sample with one place of it changed. */
export function eventsWith(sender: Sender, place?: Place, value?: Json): readonly Event[] {
  const { body, headers, query = "", method = "POST" } = sender.sample;
  const [first = "", name = ""] = place ?? [];
  const isHeader = first === "header:";
  const own = isHeader ? { ...headers, [name]: textOf(value) } : headers;
  const sent = place === undefined || isHeader ? body : changed(body, place, value);
  return readEvents(
    sender,
    {
      method,
      url: `https://in.example.com/webhooks/it${query}`,
      path: "/webhooks/it",
      query: query.slice(1),
      headers: new Map(Object.entries(own).map(([header, each]) => [header, [each]])),
      body: Buffer.from(typeof sent === "string" ? sent : JSON.stringify(sent)),
    },
    "it",
  );
}

export function readable(sender: Sender, place: Place, value: Json | undefined): readonly Event[] {
  try {
    return eventsWith(sender, place, value);
  } catch (error) {
    // An unreadable body is refused as a whole, and so makes no wrong record.
    if (error instanceof UnreadableBodyError) return [];
    throw error;
  }
}

export const isXml = ({ sample }: Sender): boolean => typeof sample.body === "string";
export const placesOf = ({ sample }: Sender): readonly Place[] => [
  ...leavesOf(sample.body),
  ...Object.keys(sample.headers).map((name) => ["header:", name]),
];

export function valueAt({ sample }: Sender, place: Place): Json | undefined {
  const [first = "", name = ""] = place;
  if (first === "header:") return sample.headers[name];
  return place.reduce<Json | undefined>((value, member) => (value as Record<string, Json>)[member], sample.body);
}

export function isTime(value: Json | undefined): boolean {
  if (typeof value === "number") return value > 1e9 && value < 1e17 && /^17\d{8}/.test(String(value));
  return typeof value === "string" && /^\d{4}-\d\d-\d\d[T ]/.test(value);
}

export function arrayAt(body: Json, path: readonly string[]): Json[] | undefined {
  const found = path
    .filter((step) => step !== "")
    .reduce<Json | undefined>((value, step) => {
      const holder = Array.isArray(value) ? (value as Json[])[0] : value;
      return (holder as Record<string, Json> | undefined)?.[step];
    }, body);
  return Array.isArray(found) ? (found as Json[]) : undefined;
}

export function requestOf({ sample }: Sender, body: Json): Parameters<typeof readEvents>[1] {
  const { headers, query = "", method = "POST" } = sample;
  return {
    method,
    url: `https://in.example.com/webhooks/it${query}`,
    path: "/webhooks/it",
    query: query.slice(1),
    headers: new Map(Object.entries(headers).map(([header, each]) => [header, [each]])),
    body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
  };
}

export function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}
