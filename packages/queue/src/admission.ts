import type { MappedEvent } from "@sluice/record";

/**
 * What became of an event at the door. `accepted`: at least one of its changes waits to be written;
 * `duplicate`: seen before; `superseded`: older than all that the record holds; `ignored`: no mapping
 * wanted it; `dead`: a mapping could not read it, the dead letter says why.
 */
export type Admitted = "accepted" | "duplicate" | "superseded" | "ignored" | "dead";

/** The door's view of the queue. */
export interface Admission {
  /**
   * Stores every change of the events and answers, in the same order, what became of each. It resolves
   * only after Redis confirmed the write.
   * @throws QueueUnavailableError (`code` "queue_unavailable") when nothing may be acknowledged.
   */
  admit(events: readonly MappedEvent[]): Promise<readonly Admitted[]>;
}
