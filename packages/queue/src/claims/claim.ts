import {
  decodeStamp,
  type Contribution,
  type PendingField,
  type RecordKey,
  type Snapshot,
  type Stamp,
} from "@sluice/record";
import type { Json } from "@sluice/event";
import { valueDigest } from "../identity.ts";

/** A record that this worker alone may write until its lease ends, and what there is to write. */
export type Claim = {
  readonly id: string;
  readonly destination: string;
  readonly object: string;
  readonly key: RecordKey;
  /** The fencing token: microseconds, larger than that of every earlier claim of the record. */
  readonly fence: string;
  /** Milliseconds by this process' own steady clock (performance.now). Nothing of the record may be sent after them. */
  readonly leaseEndsAt: number;
  readonly snapshot: Snapshot;
  /** How often the record was sent before, and since when it fails, or since the last hold ended (ms, Redis' clock; null: it does not fail). */
  readonly attempts: number;
  readonly failingSinceMs: number | null;
  /** Flights in a row that nobody ended: their workers died, or a fault of our own ended them. */
  readonly lost: number;
  /** The job that carries the record already: the job is followed, and the record not sent again. */
  readonly job: JobFlight | null;
  /** A job that was posted, and whose id nobody knows, may carry the record. */
  readonly posted: boolean;
  /** How many records may share the request; null: as many as fit. */
  readonly together: number | null;
  /** The number of the record's last change where the claim holds all that is pending of it; null: it holds a part. */
  readonly allUntil: string | null;
  /** Fields that were refused and are not sent again, until something newer stands in their place. */
  readonly aside: ReadonlyMap<string, PendingField>;
  /** The events of the record's changes that have no outcome yet, by the change's number; a long id is shortened. */
  readonly events: ReadonlyMap<number, string>;
  /** The contexts of the traces that its newest changes are in, the oldest first. */
  readonly traces: readonly string[];
  /** When the oldest open change came in (ms, its door's clock). */
  readonly sinceMs: number;
  /** Digests of the values that were last confirmed, by field; a field whose value is not known is missing. */
  readonly confirmed: ReadonlyMap<string, Buffer>;
  /** Whether digests of the values that the claim writes are remembered. */
  readonly remember: boolean;
  /** The books that count the claim: those of the destination, in the state that Redis is in. Null: not known. */
  readonly state: string | null;
};

/** A job that was sent with a record among others. */
export type JobFlight = {
  /** The job as the destination's kind wrote it. */
  readonly job: string;
  /** The record's place in the job, and the number of records in it. */
  readonly place: number;
  readonly of: number;
  /** The record's last change when the job was sent: newer changes wait for the next request. */
  readonly change: number;
};

/** The last change that the claim holds. */
export function lastChangeOf({ snapshot: { deletion, fields } }: Pick<Claim, "snapshot">): number {
  return Math.max(deletion?.change ?? 0, ...[...fields.values()].map(({ change }) => change));
}

/** The part of a record that was sent with its job: changes that came in since are no part of it. */
export function sentWith({ change }: JobFlight, { deletion, fields, open }: Snapshot): Snapshot {
  const sent = new Map([...fields].filter(([, field]) => field.change <= change));
  const contributed = new Map<string, Set<number>>();
  for (const each of [...sent.values(), ...(deletion !== null && deletion.change <= change ? [deletion] : [])]) {
    if (each.change > 0) contributed.set(each.source, (contributed.get(each.source) ?? new Set()).add(each.change));
  }
  return {
    deletion: deletion !== null && deletion.change <= change ? deletion : null,
    fields: sent,
    // Other changes that were open then get their outcome when nothing is left to send: they can't be told from later ones.
    open: new Map(
      [...open].flatMap(([source]) => {
        const changes = contributed.get(source)?.size ?? 0;
        return changes === 0 ? [] : [[source, changes] as const];
      }),
    ),
  };
}

/** The facts of a claim that come from the process that makes it. */
export type ClaimCircumstances = Pick<Claim, "destination" | "leaseEndsAt" | "remember" | "state">;

export type ClaimRow = [id: Buffer, fence: Buffer, flat: Buffer[], confirmed: Buffer[]];

/** Whether the destination holds all that is pending already, so that nothing need be written. */
export function isUnchanged({ snapshot: { deletion, fields }, confirmed }: Claim): boolean {
  if (deletion !== null || fields.size === 0) return false;
  return [...fields].every(([field, { value }]) => confirmed.get(field)?.equals(valueDigest(value)) === true);
}

export function readClaim(
  [id, fence, flat, confirmed]: ClaimRow,
  { destination, leaseEndsAt, remember, state }: ClaimCircumstances,
): Claim {
  const meta = new Map<string, string>();
  const open = new Map<string, number>();
  const fields = new Map<string, PendingField>();
  const events = new Map<number, string>();
  const stamps = new Map<string, Buffer>();
  const marks = new Map<string, Buffer>();
  const aside = new Map<string, PendingField>();
  const traces: { readonly change: number; readonly context: string }[] = [];
  let deletion: Contribution | null = null;
  const stampOf = stampReader();
  for (let at = 0; at < flat.length; at += 2) {
    const name = flat[at]!.toString();
    const value = flat[at + 1]!;
    if (name.startsWith("f:")) {
      fields.set(name.slice(2), readEntry(value, stampOf));
      stamps.set(name.slice(2), value.subarray(5, 5 + value[4]!));
    } else if (name.startsWith("a:")) marks.set(name.slice(2), value);
    else if (name.startsWith("o:")) open.set(name.slice(2), Number(value));
    else if (name.startsWith("e:")) events.set(Number(name.slice(2)), value.toString());
    else if (name.startsWith("t:")) traces.push(readTrace(value.toString()));
    else if (name === "@delete") deletion = readEntry(value, stampOf);
    else meta.set(name, value.toString());
  }
  for (const [field, stamp] of marks) {
    // The field was refused, unless something newer stands in its place by now.
    if (stamps.get(field)?.equals(stamp) !== true) continue;
    aside.set(field, fields.get(field)!);
    fields.delete(field);
  }
  const { object, by, value } = JSON.parse(meta.get("@key") ?? "{}") as RecordKey & { object: string };
  const failing = meta.get("@failing");
  const flight = meta.get("@job");
  const together = meta.get("@together");
  // A claim that waited for a posted job (2, see record.lua) sent nothing.
  const isLost = meta.has("@fence") && flight === undefined && meta.get("@posted") !== "2";
  const job = flight === undefined ? null : (JSON.parse(flight) as JobFlight);
  const snapshot = { deletion, fields, open };
  return {
    id: id.toString(),
    destination,
    object,
    key: { by, value },
    fence: fence.toString(),
    leaseEndsAt,
    snapshot: job === null ? snapshot : sentWith(job, snapshot),
    attempts: Number(meta.get("@attempts") ?? 0),
    failingSinceMs: failing === undefined ? null : Number(failing),
    lost: Number(meta.get("@lost") ?? 0) + (isLost ? 1 : 0),
    job,
    posted: meta.has("@posted"),
    allUntil: job === null && deletion === null && aside.size === 0 ? (meta.get("@change") ?? null) : null,
    together: together === undefined ? null : Number(together),
    aside,
    events,
    traces: traces.toSorted((a, b) => a.change - b.change).map(({ context }) => context),
    sinceMs: Number(meta.get("@since") ?? 0),
    remember,
    state,
    confirmed: new Map(
      confirmed.flatMap((name, at) => (at % 2 === 0 ? [[name.toString(), confirmed[at + 1]!] as const] : [])),
    ),
  };
}

/** Reads the trace of a change in the layout of `trace_entry` in lua/record.lua. */
function readTrace(text: string): { readonly change: number; readonly context: string } {
  const end = text.indexOf(" ");
  return { change: Number(text.slice(0, end)), context: text.slice(end + 1) };
}

/** Reads stamps: the fields of one event have one stamp, which is read once. */
function stampReader(): (bytes: Buffer) => Stamp {
  let last: { readonly bytes: Buffer; readonly stamp: Stamp } | null = null;
  return (bytes) => {
    if (last?.bytes.equals(bytes) !== true) last = { bytes, stamp: decodeStamp(bytes) };
    return last.stamp;
  };
}

/** Reads an entry in the layout of `pack` in lua/record.lua: number, stamp and source with their lengths, the value as JSON. */
function readEntry(bytes: Buffer, stampOf: (bytes: Buffer) => Stamp): PendingField {
  const change = bytes.readUInt32BE(0);
  const stampEnd = 5 + bytes[4]!;
  const sourceEnd = stampEnd + 1 + bytes[stampEnd]!;
  return {
    change,
    stamp: stampOf(bytes.subarray(5, stampEnd)),
    source: bytes.toString("utf8", stampEnd + 1, sourceEnd),
    value: JSON.parse(bytes.toString("utf8", sourceEnd)) as Json,
  };
}
