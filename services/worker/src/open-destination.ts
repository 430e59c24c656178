import { kindOf, type Destination } from "@sluice/destination";
import type { Queue } from "@sluice/queue";
import type { DestinationConfiguration, Log } from "@sluice/runtime";

/** Opens the client of a destination; its tokens are the whole fleet's. */
export function openDestination(configured: DestinationConfiguration, queue: Queue, log: Log): Destination {
  const { name, kind } = configured;
  return kindOf(kind).open({
    ...configured,
    tokenStore: (place, lockMs) => queue.sharedText(name, place, lockMs),
    warn: (message) => log.warn({ destination: name }, message),
  });
}
