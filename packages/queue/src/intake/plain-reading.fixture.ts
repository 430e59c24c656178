import type { MappedEvent } from "@sluice/record";
import type { IntakeWebhook } from "./webhook.ts";

/** Reads each id as a customer of that name, whose version is the arrival. */
export async function readPlainly({ source, rank, run, arrival, ids }: IntakeWebhook): Promise<readonly MappedEvent[]> {
  return ids.map((id, index) => {
    const own = { ...arrival, micros: arrival.micros + index };
    const mapped = {
      event: { id, type: "t", time: null, source, data: null, headers: {} },
      rank,
      arrival: own,
      run,
      faults: [],
      changes: [
        {
          destination: "crm",
          object: "customer",
          key: { by: "external_id", value: id } as const,
          version: { kind: "time", micros: BigInt(own.micros) } as const,
          effect: { kind: "fields", fields: new Map([["tier", id]]) } as const,
        },
      ],
    };
    return mapped;
  });
}
