import type { DestinationNow, Now } from "../contract/now.ts";

export type HeadlineFacts = Pick<Now, "redis" | "workers" | "intake" | "totals" | "openIssues"> & {
  readonly destinations: readonly Pick<DestinationNow, "name" | "state" | "hold">[];
};

/** The state of the whole fleet in one sentence, the worst first. */
export function headlineOf({ redis, workers, intake, totals, openIssues, destinations }: HeadlineFacts): string {
  if (redis.isPressed) return "Redis is at its budget: the door is closed until there is room.";
  if (workers === 0) return "No worker runs: what comes in is stored, and waits.";
  const held = destinations.filter(({ state }) => state === "held");
  const [first] = held;
  if (first?.hold && held.length === 1) return `${first.name} is held: ${first.hold.says}.`;
  if (held.length > 1) return `${held.length} of ${destinations.length} destinations are held.`;
  const recovering = destinations.filter(({ state }) => state === "recovering").map(({ name }) => name);
  if (recovering.length > 0) return `${recovering.join(" and ")} ${recovering.length === 1 ? "comes" : "come"} back.`;
  if (intake.failedJobs > 0) return "Everything flows, but jobs of the intake wait for an operator.";
  if (intake.understood === 0 && intake.waitingWebhooks === 0) return "Nothing has come in yet.";
  if (totals.deadLetters > 0 || openIssues > 0) return "Everything flows, and some of it needs a look.";
  return totals.pendingRecords > 0 ? "Everything flows." : "Everything flows. Nothing is left to do.";
}
