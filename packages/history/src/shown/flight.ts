import { shownField } from "@sluice/record";
import type { Flown } from "../written/flown.ts";

/** One attempt to write one record, as it is shown. */
export type Flight = Omit<Flown, "sentMs" | "endedMs" | "carried" | "deletion" | "refused"> & {
  readonly ref: string;
  readonly claimedAt: string;
  readonly sentAt: string | null;
  readonly endedAt: string | null;
  readonly fields: readonly string[];
};

export function shownFlight(flown: Flown): Flight {
  const { sentMs, endedMs, carried, deletion: _deletion, refused: _refused, ...same } = flown;
  const { record, token, effect } = same;
  return {
    ...same,
    ref: `${record.destination}-${token}`,
    claimedAt: new Date(Math.floor(Number(token) / 1000)).toISOString(),
    sentAt: sentMs === null ? null : new Date(sentMs).toISOString(),
    endedAt: new Date(endedMs).toISOString(),
    fields: effect === "delete" ? [] : carried.flatMap(({ fields }) => fields.map(shownField)),
  };
}
