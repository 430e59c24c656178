import type { Forecast } from "@sluice/operator";
import { counted } from "../terminal/counted.ts";
import { printable } from "../terminal/printable.ts";
import { table } from "../terminal/table.ts";
import { countText, durationText } from "../transfer/transfer-progress.ts";

/** The parts that the plan of a replay and that of a backfill share. */
export type ForeseenPlan = Pick<
  Forecast<{ readonly id: string | null }>,
  "would" | "records" | "written" | "staleChanges" | "fields" | "faults" | "samples"
> & {
  readonly calls: readonly {
    readonly destination: string;
    readonly requests: number;
    readonly seconds: number | null;
  }[];
};

/** The effect of understanding the events, in lines. */
export function foreseenText({
  would,
  records,
  written,
  staleChanges,
  fields,
  faults,
  samples,
  calls,
}: ForeseenPlan): string[] {
  const words = Object.entries(would).map(([word, events]) => [
    countText(events),
    word.replaceAll("_", " "),
    SAYS[word as Word],
  ]);
  const lines = words.length === 0 ? [] : [table([["events", "would be", ""], ...words])];
  if (fields.length > 0) {
    const head = ["destination", "object", "field", "set", "changed", "cleared", "same", "stale", "dropped"];
    const rows = fields.map(({ destination, object, field, ...each }) => [
      destination,
      object,
      field,
      ...[each.set, each.changed, each.cleared, each.same, each.stale, each.dropped].map(countText),
    ]);
    lines.push("", table([head, ...rows]));
  }
  for (const { place, message, events, sample } of faults) {
    lines.push("", printable(`fails: ${place}: ${message} (${counted(events, "event")}, such as ${sample.id ?? "?"})`));
  }
  const differing = samples.flatMap(({ record, effect, fields: own }) =>
    effect === "delete"
      ? [[`${record.object} ${record.key}`, "", "", "deleted"]]
      : own
          .filter((each) => each.would === "set" || each.would === "changed" || each.would === "cleared")
          .map(({ field, before, isBeforeKnown, after }) => [
            `${record.object} ${record.key}`,
            field,
            isBeforeKnown ? cut(before) : "?",
            cut(after),
          ]),
  );
  if (differing.length > 0) {
    lines.push("", "For example:", table([["record", "field", "was", "would be"], ...differing.slice(0, MOST_SHOWN)]));
  }
  lines.push("", `${counted(records, "record")}, ${countText(written)} of them written.`);
  if (staleChanges > 0) lines.push(`${counted(staleChanges, "change")} would come to nothing: newer values stand.`);
  for (const { destination, requests, seconds } of calls) {
    const takes = seconds === null ? "" : `, ${durationText(seconds)} at the present quota`;
    lines.push(`${destination}: at most ${counted(requests, "request")}${takes}`);
  }
  return lines;
}

/** Rows of examples that are printed. */
const MOST_SHOWN = 20;

type Word = keyof ForeseenPlan["would"];

const SAYS: Readonly<Record<Word, string>> = {
  unchanged: "the mapping makes the same of them as before",
  changed: "other values, versions or records than before",
  newly_wanted: "nothing was made of them before",
  taken_back: "nothing is made of them any more; what they wrote stays",
  mended: "they were dead letters",
  dead: "a row fails",
  ignored: "no row wants them",
  fetched_again: "their documents are asked for again",
};

function cut(value: unknown): string {
  const text = JSON.stringify(value) ?? "";
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
