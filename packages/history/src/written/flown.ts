import type { Stamp, RecordName } from "@sluice/record";
import { readStampText, stampText } from "./stamp-text.ts";

/** One attempt to write one record, as it ended. */
export type Flown = {
  readonly record: RecordName;
  /** The fencing token: microseconds by Redis' clock, when it was claimed. */
  readonly token: string;
  /** From 1. */
  readonly attempt: number;
  readonly isProbe: boolean;
  readonly effect: "fields" | "delete";
  /** Null: nothing was sent, or a worker that is gone sent it. */
  readonly sentMs: number | null;
  readonly endedMs: number;
  readonly durationMs: number | null;
  /** Records that shared its request. */
  readonly records: number;
  readonly job: string | null;
  /** The destination's own word; null: nothing was asked of it. */
  readonly status: string | null;
  readonly answer: string | null;
  readonly verdict: Ending;
  readonly code: string | null;
  readonly message: string | null;
  /** The changes that it carried: each with its stamp and its fields. */
  readonly carried: readonly Carried[];
  readonly deletion: { readonly stamp: Stamp; readonly isOpen: boolean } | null;
  /** With `set_aside`: the fields of `carried` that alone were refused. */
  readonly refused: readonly string[];
  /** Null: nothing was sent, or a source's `redact` keeps it out. */
  readonly request: unknown;
  readonly response: unknown;
};

/** `superseded`: the destination has a newer write already, of a token that is newer. `unchanged`: the destination held these values already. `emptied`: nothing was left to send. */
export type Ending =
  | "settled"
  | "superseded"
  | "unchanged"
  | "emptied"
  | "retry"
  | "held"
  | "object_held"
  | "buried"
  | "set_aside"
  | "cut_off"
  | "lost";

export type Carried = {
  readonly stamp: Stamp;
  /** False: its change has had its outcome, as a dead letter's. */
  readonly isOpen: boolean;
  readonly fields: readonly string[];
};

type Row = [
  destination: string,
  object: string,
  by: 0 | 1,
  key: string,
  token: string,
  attempt: number,
  isProbe: 0 | 1,
  effect: 0 | 1,
  sentMs: number | null,
  endedMs: number,
  durationMs: number | null,
  records: number,
  job: string | null,
  status: string | null,
  answer: string | null,
  verdict: Ending,
  code: string | null,
  message: string | null,
  carried: readonly [stamp: string, isOpen: 0 | 1, fields: readonly string[]][],
  deletion: [stamp: string, isOpen: 0 | 1] | null,
  refused: readonly string[],
  request: unknown,
  response: unknown,
];

/** Tells the end of a flight from those of others: a write of the database that was tried twice stands there twice. */
export function flightName({ record, token, attempt, verdict, endedMs }: Flown): string {
  return JSON.stringify([record.destination, record.object, record.by, record.key, token, attempt, verdict, endedMs]);
}

export function writeFlown(flown: Flown): string {
  const { record, deletion } = flown;
  const row: Row = [
    record.destination,
    record.object,
    record.by === "name" ? 1 : 0,
    record.key,
    flown.token,
    flown.attempt,
    flown.isProbe ? 1 : 0,
    flown.effect === "delete" ? 1 : 0,
    flown.sentMs,
    flown.endedMs,
    flown.durationMs,
    flown.records,
    flown.job,
    flown.status,
    flown.answer,
    flown.verdict,
    flown.code,
    flown.message,
    flown.carried.map(({ stamp, isOpen, fields }) => [stampText(stamp), isOpen ? 1 : 0, fields]),
    deletion === null ? null : [stampText(deletion.stamp), deletion.isOpen ? 1 : 0],
    flown.refused,
    flown.request,
    flown.response,
  ];
  return JSON.stringify(row);
}

export function readFlown(line: string): Flown {
  const row = JSON.parse(line) as Row;
  const [destination, object, by, key, token, attempt, isProbe, effect, sentMs, endedMs, durationMs, records] = row;
  const [, , , , , , , , , , , , job, status, answer, verdict, code, message, carried, deletion, refused] = row;
  return {
    record: { destination, object, by: by === 1 ? "name" : "external_id", key },
    token,
    attempt,
    isProbe: isProbe === 1,
    effect: effect === 1 ? "delete" : "fields",
    sentMs,
    endedMs,
    durationMs,
    records,
    job,
    status,
    answer,
    verdict,
    code,
    message,
    carried: carried.map(([stamp, isOpen, fields]) => ({ stamp: readStampText(stamp), isOpen: isOpen === 1, fields })),
    deletion: deletion === null ? null : { stamp: readStampText(deletion[0]), isOpen: deletion[1] === 1 },
    refused,
    request: row[21],
    response: row[22],
  };
}
