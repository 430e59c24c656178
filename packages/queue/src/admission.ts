import { encodeStamp, stampOf, type Change, type MappedEvent } from "@sluice/record";
import { writeDeadLetter, type DeadLetter } from "./dead-letter.ts";
import { eventLetterId } from "./dead-letters.ts";
import { eventDigest, recordId } from "./identity.ts";
import type { Lane } from "./lane.ts";

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

/** One change, or one dead letter, on its way into the admit script. */
export type AdmitItem = { readonly args: readonly (string | Buffer)[]; readonly bytes: number };
export type AdmitWord = "duplicate" | "clash" | "superseded" | "accepted" | "ring" | "dead";

/** @param open throws while nothing may be admitted */
export function createAdmission(laneOf: (destination: string) => Lane, open: () => void = () => {}): Admission {
  const admitChange = async (mapped: MappedEvent, change: Change): Promise<AdmitWord> => {
    const lane = laneOf(change.destination);
    const word = await lane.admit(changeItem(mapped, change));
    if (word !== "clash") return word;
    return await lane.admit(
      deadItem(mapped, change.destination, change.object, `clash:${recordId(change.object, change.key)}`, {
        key: change.key,
        reason: {
          code: "version_kind",
          message:
            `object "${change.object}" is ordered by ${change.version?.kind === "integer" ? "times" : "integers"}, ` +
            `and this version is of the other kind: let all mappings of one object use one kind`,
        },
      }),
    );
  };
  const admitEvent = async (mapped: MappedEvent): Promise<Admitted> => {
    const faults = mapped.faults.map(async (fault) => {
      const { place, expression } = fault;
      const reason = { code: "mapping_failed", message: fault.message };
      const letter = { key: null, reason, mapping: { place, expression } };
      return await laneOf(fault.destination).admit(deadItem(mapped, fault.destination, fault.object, place, letter));
    });
    const changes = mapped.changes.map(async (change) => await admitChange(mapped, change));
    return conclude(await Promise.all([...changes, ...faults]));
  };
  return {
    async admit(events) {
      open();
      return await Promise.all(events.map(admitEvent));
    },
  };
}

/** An event with several changes is told by the one that matters most to its sender. */
function conclude(words: readonly AdmitWord[]): Admitted {
  if (words.length === 0) return "ignored";
  if (words.includes("accepted") || words.includes("ring")) return "accepted";
  if (words.includes("dead")) return "dead";
  return words.includes("superseded") ? "superseded" : "duplicate";
}

function changeItem({ event, rank }: MappedEvent, change: Change): AdmitItem {
  const id = recordId(change.object, change.key);
  const version = change.version ?? { kind: "time", micros: 0n };
  const stamp = encodeStamp(stampOf(version, rank, event.id));
  const arrival = change.version === null;
  const { effect } = change;
  return item([
    effect.kind,
    id,
    event.source,
    eventDigest(event.source, event.id, id),
    event.id,
    JSON.stringify({ object: change.object, ...change.key }),
    change.object,
    arrival ? "arrival" : version.kind,
    arrival ? "" : stamp.subarray(0, 8),
    stamp.subarray(8),
    ...(effect.kind === "delete"
      ? []
      : [
          String(effect.fields.size),
          ...[...effect.fields].flatMap(([field, value]) => [field, JSON.stringify(value)]),
        ]),
  ]);
}

function deadItem(
  { event, receivedAtMs }: MappedEvent,
  destination: string,
  object: string,
  place: string,
  letter: Pick<DeadLetter, "key" | "reason" | "mapping">,
): AdmitItem {
  const digest = eventDigest(event.source, event.id, place);
  const id = eventLetterId(digest);
  const whole = writeDeadLetter({
    id,
    at: new Date(receivedAtMs).toISOString(),
    destination,
    object,
    ...letter,
    events: [{ source: event.source, id: event.id }],
    event,
  });
  return item(["dead", id, event.source, digest, event.id, whole]);
}

function item(args: readonly (string | Buffer)[]): AdmitItem {
  return { args, bytes: args.reduce((sum, arg) => sum + arg.length, 0) };
}
