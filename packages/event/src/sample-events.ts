import type { Event } from "./event.ts";
import { readEvents } from "./events/read-events.ts";
import type { Scheme } from "./scheme.ts";
import { findSender } from "./catalog.ts";

/** The events of the sample of a scheme's sender; none for a scheme that is written out. */
export function sampleEvents({ name }: Pick<Scheme, "name">, source: string): readonly Event[] {
  const sender = findSender(name);
  if (sender === undefined) return [];
  const { method = "POST", query = "", headers, body } = sender.sample;
  return readEvents(
    sender,
    {
      method,
      url: `https://example.com/webhooks/${source}${query}`,
      path: `/webhooks/${source}`,
      query: query.replace(/^\?/, ""),
      headers: new Map(Object.entries(headers).map(([header, value]) => [header.toLowerCase(), [value]])),
      body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
    },
    source,
  );
}
