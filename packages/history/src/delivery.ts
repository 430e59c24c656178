import type { Arrival } from "@sluice/record";

/** One delivery of an event: unique, never made twice, and the same when it is read again after a crash. */
export type Delivery = { readonly micros: number; readonly session: number; readonly run: number };

/** A delivery's name in addresses: `[0-9a-z]+-[0-9a-z]+(-[0-9a-z]+)?`. */
export function refOf({ micros, session, run }: Delivery): string {
  const base = `${micros.toString(36)}-${session.toString(36)}`;
  return run === 0 ? base : `${base}-${run.toString(36)}`;
}

/** Null: it is no ref, and may be a sender's own id. */
export function readRef(text: string): Delivery | null {
  const parts = /^([0-9a-z]{8,11})-([0-9a-z]{1,8})(?:-([0-9a-z]{1,8}))?$/.exec(text);
  if (parts === null) return null;
  const [, micros, session, run = "0"] = parts;
  const delivery = { micros: parseInt(micros!, 36), session: parseInt(session!, 36), run: parseInt(run, 36) };
  return Number.isSafeInteger(delivery.micros) ? delivery : null;
}

export function deliveryOf({ micros, session }: Arrival, run: number): Delivery {
  return { micros, session, run };
}

/** Negative where `a` came in before `b`. */
export function compareDeliveries(a: Delivery, b: Delivery): number {
  return a.micros - b.micros || a.session - b.session || a.run - b.run;
}
