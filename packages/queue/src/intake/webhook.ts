import type { KeptWebhook } from "@sluice/event";
import type { Arrival } from "@sluice/record";

/** A verified webhook that waits to be understood. */
export type IntakeWebhook = {
  readonly source: string;
  /** The source's place in the configuration of the door. */
  readonly rank: number;
  /** The arrival of the first event; each further event came a microsecond later. */
  readonly arrival: Arrival;
  readonly kept: KeptWebhook;
  /** The ids of its events, as the door told them to the sender. */
  readonly ids: readonly string[];
  /** The place of the secret that verified the webhook in the source's list, from 1. 0: none did; an operator sent it. */
  readonly secretNumber: number;
  /** 0, or the number of the replay that brought the webhook in again. */
  readonly run: number;
  /** The number under which the door waits for the ends of the events; null: it does not wait. */
  readonly wait: number | null;
  /** The context of the door's span, as text. Absent: the webhook is in no trace. */
  readonly trace?: string;
};

/** A verified webhook that is about to be written down: it arrives when Redis is told of it. */
export type NewWebhook = Omit<IntakeWebhook, "arrival">;

/** Webhooks that are written down together, and the configuration with which they were read. */
export type IntakeJob = {
  readonly configuration: number;
  /** By source: the digest of the configuration that its events are to be understood with. */
  readonly digests: Readonly<Record<string, string>>;
  readonly webhooks: readonly IntakeWebhook[];
};
