import type { Queue } from "@sluice/queue";
import type { Clock, Configuration, Log } from "@sluice/runtime";
import type { Actor } from "@sluice/operator";
import type { ConsoleCaller } from "./api/operation.ts";

/** Access to the live state: Redis, and the configuration as it is at each question. */
export type LiveState = {
  readonly queue: Queue;
  readonly configuration: () => Configuration;
  readonly clock: Clock;
  readonly log: Log;
};

/** The actor that the audit log names for a caller of the API. */
export function actorOf({ name, via }: ConsoleCaller, reason?: string): Actor {
  return { actor: name ?? "operator", via, reason };
}

/** RFC 3339 with milliseconds; null where there is no such time. */
export function timeOf(ms: number): string;
export function timeOf(ms: number | null): string | null;
export function timeOf(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
