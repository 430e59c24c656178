import type { Claim, DeadLetter } from "@sluice/queue";
import type { Verdict } from "@sluice/record";
import type { Exchange } from "@sluice/destination";
import type { ClaimedWrite } from "./write.ts";

/** The dead letter of a write that the destination refused for good. */
export function deadLetterOfWrite(
  { claim, effect }: ClaimedWrite,
  { code, message }: Extract<Verdict, { kind: "bury" }>,
  { answer, shown }: Exchange,
  nowMs: number,
): DeadLetter {
  const { id, destination, object, key, snapshot } = claim;
  const contributions = [...snapshot.fields.values(), ...(snapshot.deletion === null ? [] : [snapshot.deletion])];
  const events = new Map(
    contributions.flatMap(({ source, change }) => {
      const eventId = claim.events.get(change);
      return eventId === undefined ? [] : [[`${source} ${eventId}`, { source, id: eventId }] as const];
    }),
  );
  return {
    id,
    at: new Date(nowMs).toISOString(),
    destination,
    object,
    key,
    reason: { code, message },
    events: [...events.values()],
    change: {
      delete: effect === "delete",
      fields: valuesOf(snapshot.fields),
      // Fields of earlier refusals have no letter but this one.
      ...(claim.aside.size === 0 ? {} : { aside: valuesOf(claim.aside) }),
    },
    ...(shown ?? { response: answer }),
    attempts: claim.attempts + 1,
  };
}

function valuesOf(fields: Claim["aside"]): Readonly<Record<string, unknown>> {
  return Object.fromEntries([...fields].map(([field, { value }]) => [field, value]));
}
