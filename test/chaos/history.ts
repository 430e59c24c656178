import type { Change, Stamp, Value } from "./oracle.ts";
import { createRandom, type Random } from "./random.ts";
import { SOURCES, type SourceName } from "./sources.ts";

/** The fields of records, beside their name. */
export const FIELDS = [
  { key: "tier", type: "text" },
  { key: "city", type: "text" },
  { key: "note", type: "textarea" },
  { key: "balance", type: "decimal" },
  { key: "visits", type: "integer" },
  { key: "active", type: "checkbox" },
] as const;

/** The order of each object: RFC 3339 times, 63-bit integers, or nothing but the order of arrival. */
export const OBJECTS = [
  { key: "contact", order: "time" },
  { key: "product", order: "integer" },
  { key: "order", order: "arrival" },
] as const;

/** An event as its sender has it. */
export type SentEvent = {
  readonly source: SourceName;
  /** The event's id as Sluice will know it. */
  readonly id: string;
  /** The event's JSON on the wire. */
  readonly element: object;
  /** The event's meaning for records, for the oracle. */
  readonly changes: readonly Change[];
  /** 1: the event's version can't be read, and the event must become a dead letter. */
  readonly dead: 0 | 1;
  /** The event may be sent only after the previous event of this record was acknowledged: arrival is all that orders them. */
  readonly sequence: string | null;
};

const START_MS = Date.UTC(2026, 4, 1);
const START_MICROS = BigInt(START_MS) * 1000n;
const START_INTEGER = 2n ** 62n;

/** An endless history: events happen in order, and are told out of order. The same seed gives the same history. */
export function* history(seed: number, records: number): Generator<SentEvent, never> {
  const random = createRandom(seed, "history");
  /** Last versions, to make some events tie with them. */
  const last = new Map<string, bigint>();
  const arrivals = new Map<string, bigint>();
  /** The sources that have said each version of a record. */
  const marks = new Set<string>();

  const recordOf = (object: "contact" | "product" | "order"): number => {
    const count = Math.max(1, Math.floor(object === "order" ? records / 20 : records));
    // A few records are hot: a third of the events go to one in fifty of them.
    return random.chance(0.33) ? random.whole(0, Math.floor(count / 50)) : random.whole(0, count - 1);
  };
  const told = (key: string, version: bigint, rank: number): boolean => {
    const mark = `${key} ${version} ${rank}`;
    const before = marks.has(mark);
    marks.add(mark);
    return before;
  };
  const versionOf = (
    object: "contact" | "product",
    record: number,
    number: number,
    deleted: boolean,
    rank: number,
  ): bigint => {
    const key = `${object} ${record}`;
    const known = last.get(key);
    // Rank decides a tie between sources; arrival, of which a sender knows nothing, would decide one of a single source.
    if (known !== undefined && random.chance(0.05) && !told(key, known, rank)) return known;
    // A delete arrives just after a change that it is older than: the record lives on, without still older values.
    if (known !== undefined && deleted && random.chance(0.5)) {
      const older = known - BigInt(random.whole(1, 500));
      if (!told(key, older, rank)) return older;
    }
    // A change is told late, or too early, by as much as all records take to change a few times.
    const shift = random.chance(0.5) ? random.whole(-20, 20) : random.whole(-3 * records, 3 * records);
    const version = BigInt(Math.max(0, number + 3 * records + shift)) * 1000n + BigInt(random.whole(0, 999));
    last.set(key, version);
    told(key, version, rank);
    return version;
  };

  for (let number = 1; ; number += 1) {
    const kind = random.weighted({ contact: 55, product: 30, pair: 8, order: 5, unreadable: 2 });
    const source =
      kind === "pair" || kind === "unreadable"
        ? "erp"
        : kind === "order"
          ? "shop"
          : random.weighted({ hub: 45, shop: 40, erp: 15 });
    const parts =
      kind === "pair" ? (["contact", "product"] as const) : ([kind === "unreadable" ? "contact" : kind] as const);
    const deleted = kind !== "pair" && kind !== "unreadable" && random.chance(0.05);
    const first = recordOf(parts[0]);
    const id = source === "hub" ? `1:2:${number}:${first}:${START_MS + number}` : `${source}-${number}`;
    const rank = SOURCES.indexOf(source);

    const meant = parts.map((object, index) => {
      const record = index === 0 ? first : recordOf(object);
      const name = `${object} ${object}-${record}`;
      if (object === "order") {
        const version = (arrivals.get(name) ?? 0n) + 1n;
        arrivals.set(name, version);
        return { object, record, name, stamp: { version, rank, id }, version: undefined };
      }
      const version = versionOf(object, record, number, deleted, rank);
      const whole = version + (object === "contact" ? START_MICROS : START_INTEGER);
      const text = object === "contact" ? timeText(whole, random) : String(whole);
      return { object, record, name, stamp: { version: whole, rank, id }, version: text };
    });
    const changes = meant.map(({ name, stamp }) => ({
      record: name,
      stamp,
      fields: deleted ? null : fieldsOf(stamp, random),
    }));
    const data = meant.map(({ record, version }, index) => ({
      record,
      version: kind === "unreadable" ? "yesterday" : version,
      ...(deleted ? {} : wireFields(changes[index]!.fields!)),
    }));
    const type = kind === "pair" ? "pair.updated" : `${parts[0]}.${deleted ? "deleted" : "updated"}`;
    yield {
      source,
      id,
      element: elementOf(
        source,
        id,
        number,
        first,
        type,
        kind === "pair" ? { contact: data[0], product: data[1] } : data[0]!,
      ),
      changes: kind === "unreadable" ? [] : changes,
      dead: kind === "unreadable" ? 1 : 0,
      sequence: kind === "order" ? meant[0]!.name : null,
    };
  }
}

function elementOf(source: SourceName, id: string, number: number, record: number, type: string, data: object): object {
  switch (source) {
    case "hub":
      return {
        portalId: 1,
        subscriptionId: 2,
        eventId: number,
        objectId: record,
        occurredAt: START_MS + number,
        subscriptionType: type,
        ...data,
      };
    case "erp":
      return { type, data };
    case "shop":
      return { id, kind: type, ...data };
  }
}

/** A name, because a new record needs one, and for each field perhaps a value or perhaps null. */
function fieldsOf(stamp: Stamp, random: Random): ReadonlyMap<string, Value> {
  const fields = new Map<string, Value>([["name", stampText(stamp)]]);
  for (const { key, type } of FIELDS) {
    if (random.chance(0.6)) continue;
    fields.set(key, random.chance(0.12) ? null : valueOf(type, stamp, random));
  }
  return fields;
}

function valueOf(type: (typeof FIELDS)[number]["type"], stamp: Stamp, random: Random): Value {
  switch (type) {
    case "text":
    case "textarea":
      return stampText(stamp);
    case "decimal":
      return random.whole(-1_000_000, 1_000_000) / 100;
    case "integer":
      return random.whole(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    case "checkbox":
      return random.chance(0.5);
  }
}

function wireFields(fields: ReadonlyMap<string, Value>): { name: Value | undefined; set: object } {
  const { name, ...set } = Object.fromEntries(fields);
  return { name, set };
}

/** Texts carry their stamp, so that a reader of one knows how new it is. */
function stampText({ version, rank, id }: Stamp): string {
  return `${version} ${rank} ${id}`;
}

export function readStampText(text: string): Stamp | null {
  const [version = "", rank = "", id = ""] = text.split(" ");
  return /^\d+$/.test(version) && id !== "" ? { version: BigInt(version), rank: Number(rank), id } : null;
}

/** The same instant, written in one zone or another. */
function timeText(micros: bigint, random: Random): string {
  const zone = random.pick([0, 120, -330]);
  const local = new Date(Number(micros / 1000n) + zone * 60_000).toISOString().slice(0, 19);
  const sign = zone < 0 ? "-" : "+";
  const two = (number: number): string => String(number).padStart(2, "0");
  const suffix = zone === 0 ? "Z" : `${sign}${two(Math.floor(Math.abs(zone) / 60))}:${two(Math.abs(zone) % 60)}`;
  return `${local}.${String(micros % 1_000_000n).padStart(6, "0")}${suffix}`;
}
