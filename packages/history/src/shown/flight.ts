import { shownField, type RecordName } from "@sluice/record";
import type { Flown, Ending } from "../written/flown.ts";

/** One attempt to write one record, as it is shown. */
export type Flight = {
  readonly ref: string;
  readonly record: RecordName;
  readonly token: string;
  readonly attempt: number;
  readonly isProbe: boolean;
  readonly effect: "fields" | "delete";
  readonly claimedAt: string;
  readonly sentAt: string | null;
  readonly endedAt: string | null;
  readonly durationMs: number | null;
  readonly records: number;
  readonly job: string | null;
  readonly status: string | null;
  readonly answer: string | null;
  readonly verdict: Ending;
  readonly code: string | null;
  readonly message: string | null;
  readonly fields: readonly string[];
  readonly request: unknown;
  readonly response: unknown;
};

export function shownFlight(flown: Flown): Flight {
  const { record, token, endedMs, sentMs } = flown;
  return {
    ref: `${record.destination}-${token}`,
    record,
    token,
    attempt: flown.attempt,
    isProbe: flown.isProbe,
    effect: flown.effect,
    claimedAt: new Date(Math.floor(Number(token) / 1000)).toISOString(),
    sentAt: sentMs === null ? null : new Date(sentMs).toISOString(),
    endedAt: new Date(endedMs).toISOString(),
    durationMs: flown.durationMs,
    records: flown.records,
    job: flown.job,
    status: flown.status,
    answer: flown.answer,
    verdict: flown.verdict,
    code: flown.code,
    message: flown.message,
    fields: flown.effect === "delete" ? [] : flown.carried.flatMap(({ fields }) => fields.map(shownField)),
    request: flown.request,
    response: flown.response,
  };
}
