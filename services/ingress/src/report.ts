import type { Event } from "@sluice/event";
import type { Merged } from "@sluice/queue";

/** What a webhook was answered with. */
export type Report = {
  readonly accepted: number;
  readonly duplicates: number;
  readonly events: readonly { readonly id: string; readonly status: Merged }[];
};

export function reportOf(events: readonly Event[], statuses: readonly Merged[]): Report {
  return {
    accepted: statuses.filter((status) => status !== "duplicate" && status !== "ignored").length,
    duplicates: statuses.filter((status) => status === "duplicate").length,
    events: events.map(({ id }, index) => ({ id, status: statuses[index]! })),
  };
}
