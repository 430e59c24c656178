import {
  arrivedAtMs,
  encodeStamp,
  runDigits,
  type Arrival,
  type Change,
  type ChangeEffect,
  type JoinedPart,
  type MappedEvent,
  type Stamp,
} from "@sluice/record";
import { writeDeadLetter, type DeadLetter } from "../dead-letters/dead-letter.ts";
import { eventDeadLetterId } from "../dead-letters/dead-letters.ts";
import { eventDigest, recordId, shortEventId } from "../identity.ts";

/** A word of lua/merge.lua about one change. */
export type MergeWord = "same" | "duplicate" | "clash" | "superseded" | "accepted" | "dead";

/** A change, or a row of a mapping that failed, on its way into a lane. */
export type IncomingChange = {
  /** The record's id, or that of the dead letter. */
  readonly id: string;
  /** A dead letter has an empty key, object and order. */
  readonly key: string;
  readonly object: string;
  /** The kind of the version. `=`: the configuration says it, whatever the object's first version was. */
  readonly order: "time" | "integer" | "time=" | "integer=" | "";
  /** Tells events on a record, or at a place of the configuration, apart. */
  readonly digest: Buffer;
  readonly arrival: Buffer;
  readonly run: string;
  readonly source: string;
  readonly eventId: string;
  readonly cameMs: number;
  /** The context of the event's trace; "" for none. */
  readonly trace: string;
  readonly what:
    | { readonly kind: "change"; readonly stamp: Stamp; readonly effect: ChangeEffect }
    | { readonly kind: "dead"; readonly letter: string };
};

export function changeOf(mapped: MappedEvent, change: Change, stamp: Stamp): IncomingChange {
  const { event } = mapped;
  const { object, key, version, effect, isKindSaid } = change;
  const kind = version === null ? "time" : version.kind;
  const id = recordId(object, key);
  return {
    id,
    key: JSON.stringify({ object, ...key }),
    object,
    order: isKindSaid === true ? `${kind}=` : kind,
    ...deliveryOf(mapped),
    digest: eventDigest(event.source, event.id, id),
    what: { kind: "change", stamp, effect },
  };
}

/** @param place tells the row apart from other parts of the event that could not be understood */
export function deadRow(
  mapped: MappedEvent,
  destination: string,
  object: string,
  place: string,
  letter: Pick<DeadLetter, "key" | "reason" | "mapping">,
): IncomingChange {
  const { event, arrival, run } = mapped;
  const digest = eventDigest(event.source, event.id, place);
  const id = eventDeadLetterId(digest);
  const whole = writeDeadLetter({
    id,
    at: new Date(arrivedAtMs(arrival)).toISOString(),
    destination,
    object,
    ...letter,
    events: [{ source: event.source, id: event.id }],
    event,
    arrival,
    run,
  });
  return { id, key: "", object: "", order: "", ...deliveryOf(mapped), digest, what: { kind: "dead", letter: whole } };
}

type Delivery = Pick<IncomingChange, "arrival" | "run" | "source" | "eventId" | "cameMs" | "trace">;

function deliveryOf({ event, arrival, run, trace = "" }: MappedEvent): Delivery {
  return {
    arrival: arrivalBytes(arrival),
    run: runDigits(run),
    source: event.source,
    eventId: shortEventId(event.id),
    cameMs: arrivedAtMs(arrival),
    trace,
  };
}

/** Eight bytes that tell two deliveries of one event apart: the microsecond, and twelve bits of the door's session. */
function arrivalBytes({ micros, session }: Arrival): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigUInt64BE(BigInt(micros) * 4096n + BigInt(session % 4096));
  return bytes;
}

export type ScriptArgument = string | number | Buffer;

/** The kind of a change with its marks, as lua/merge.lua takes them: what few changes have takes no argument of the others. */
function marked(
  what: string,
  { run, tied = false, trace = "" }: { run: string; tied?: boolean; trace?: string },
): string {
  const marks = [run === "" ? "" : "r", tied ? "t" : "", trace === "" ? "" : "c"].join("");
  return marks === "" ? what : `${what}:${marks}`;
}

/** One record's changes as lua/merge.lua takes them; `parts`: what their join has left of each, in the join's order. */
export function recordArguments(changes: readonly IncomingChange[], parts: readonly JoinedPart[]): ScriptArgument[] {
  const { id, key, object, order } = changes[0]!;
  const args: ScriptArgument[] = [id, parts.length, key, object, order];
  for (const { index, effect, tied } of parts) {
    const { what, digest, arrival, run, source, eventId, cameMs, trace } = changes[index]!;
    const runs = run === "" ? [] : [run];
    if (what.kind === "dead") {
      args.push(marked("dead", { run }), digest, arrival, ...runs, source, what.letter);
      continue;
    }
    if (effect.kind === "fields" && effect.fields.size === 0) {
      args.push(marked("stale", { run, tied }), digest, arrival, ...runs, source, cameMs);
      continue;
    }
    args.push(marked(effect.kind, { run, tied, trace }), digest, arrival, ...runs, source, cameMs);
    args.push(eventId, encodeStamp(what.stamp), ...(trace === "" ? [] : [trace]));
    if (effect.kind === "delete") continue;
    args.push(effect.fields.size);
    for (const [field, value] of effect.fields) args.push(field, JSON.stringify(value));
  }
  return args;
}

/** A change of fields as lua/forgotten.lua takes it. */
export function forgottenArguments({ id, key, source, eventId, what }: IncomingChange): ScriptArgument[] {
  const fields = what.kind === "change" && what.effect.kind === "fields" ? [...what.effect.fields.keys()] : [];
  const stamp = what.kind === "change" ? encodeStamp(what.stamp) : "";
  return [id, key, stamp, source, eventId, fields.length, ...fields];
}
