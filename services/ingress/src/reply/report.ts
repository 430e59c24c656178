import type { Merged } from "@sluice/queue";

/** The answer to a webhook. The outcome of its events is known only where its sender waited for it. */
export type Report = {
  readonly accepted: number;
  /** The repetitions; only where the sender waited. */
  readonly duplicates?: number;
  readonly events: readonly { readonly id: string; readonly status: Merged }[];
};

/** @param statuses null: nobody waited, or not long enough */
export function reportOf(ids: readonly string[], statuses: readonly Merged[] | null): Report {
  if (statuses === null || statuses.length !== ids.length) {
    return { accepted: ids.length, events: ids.map((id) => ({ id, status: "accepted" })) };
  }
  return {
    accepted: statuses.filter((status) => status !== "duplicate" && status !== "ignored").length,
    duplicates: statuses.filter((status) => status === "duplicate").length,
    events: ids.map((id, index) => ({ id, status: statuses[index]! })),
  };
}
