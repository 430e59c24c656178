import type { KeptWebhook } from "@sluice/event";
import type { Arrival } from "@sluice/record";

/** A verified webhook that waits to be understood. */
export type IntakeWebhook = {
  readonly source: string;
  /** The source's place in the configuration of the door. */
  readonly rank: number;
  /** Of its first event; each of the others came a microsecond later. */
  readonly arrival: Arrival;
  readonly kept: KeptWebhook;
  /** The ids of its events, as the door told them to the sender. */
  readonly ids: readonly string[];
  /** The place in the source's list of the secret that it was made with, from 1. */
  readonly secretNumber: number;
  /** 0; of what is replayed the number of the replay. */
  readonly run: number;
  /** Under this number its door waits to be told what became of it. */
  readonly wait: number | null;
};

/** What is written down together, and with which configuration it was read. */
export type IntakeJob = {
  readonly configuration: number;
  /** By source: what its events are to be understood with. */
  readonly digests: Readonly<Record<string, string>>;
  readonly webhooks: readonly IntakeWebhook[];
};
