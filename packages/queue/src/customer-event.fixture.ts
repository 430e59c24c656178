import { randomUUID } from "node:crypto";
import type { Json } from "@sluice/event";
import type { MappedEvent } from "@sluice/record";
import { nextArrival } from "./arrival.fixture.ts";

export type CustomerEvent = { readonly id?: string; readonly source?: string; readonly key?: string };

/** An event of a customer at `crm`, with fields; null: a delete. */
export function customerEvent(
  version: bigint,
  fields: Readonly<Record<string, Json>> | null,
  { id = randomUUID(), source = "erp", key = "c-1" }: CustomerEvent = {},
): MappedEvent {
  return {
    event: { id, type: "t", time: null, source, data: null, headers: {} },
    rank: 0,
    arrival: nextArrival(),
    run: 0,
    changes: [
      {
        destination: "crm",
        object: "customer",
        key: { by: "external_id", value: key },
        version: { kind: "integer", value: version },
        effect: fields === null ? { kind: "delete" } : { kind: "fields", fields: new Map(Object.entries(fields)) },
      },
    ],
    faults: [],
  };
}
