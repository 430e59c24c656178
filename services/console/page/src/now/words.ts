import type { Hold, Now } from "../../../src/contract/now.ts";

const REASONS: Readonly<Record<string, string>> = {
  breaker: "it failed too often in a row",
  rate_limit: "it asked for fewer requests",
  credentials: "it refuses the credentials",
  unavailable: "it is not available",
  stopped: "its address is wrong, or its account takes nothing more",
  operator: "an operator holds it",
};

/** Why a destination is held, as a part of a sentence. */
export function holdReason({ reason }: Pick<Hold, "reason">): string {
  return REASONS[reason] ?? reason.replaceAll("_", " ");
}

/** The state of the whole fleet in one sentence, the worst first. */
export function headline(now: Now): string {
  if (now.redis.isPressed) return "Redis is at its budget: the door is closed until there is room.";
  if (now.workers === 0) return "No worker runs: what comes in is stored, and waits.";
  const held = now.destinations.filter(({ state }) => state === "held");
  const [first] = held;
  if (first?.hold && held.length === 1) return `${first.name} is held: ${holdReason(first.hold)}.`;
  if (held.length > 1) return `${held.length} of ${now.destinations.length} destinations are held.`;
  const recovering = now.destinations.filter(({ state }) => state === "recovering").map(({ name }) => name);
  if (recovering.length > 0) return `${recovering.join(" and ")} ${recovering.length === 1 ? "comes" : "come"} back.`;
  if (now.intake.failedJobs > 0) return "Everything flows, but jobs of the intake wait for an operator.";
  if (now.intake.understood === 0 && now.intake.waitingWebhooks === 0) return "Nothing has come in yet.";
  if (now.totals.deadLetters > 0) return "Everything flows, and some of it needs a look.";
  return now.totals.pendingRecords > 0 ? "Everything flows." : "Everything flows. Nothing is left to do.";
}
