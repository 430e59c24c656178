import type { EventTrace } from "@sluice/history";
import { printable } from "../terminal/printable.ts";
import { table } from "../terminal/table.ts";
import { cut } from "./cut.ts";

/** All that became of one event: its steps, then field by field, then what failed. */
export function traceText({ event, changes, faults, steps, gaps, deliveries }: EventTrace): string {
  const fields = changes.flatMap(({ record, fields: own }) =>
    own.map(({ field, value, isKnown, became, because }) => [
      `${record.object} ${record.key}`,
      field,
      isKnown ? cut(JSON.stringify(value)) : "?",
      became,
      because?.text ?? "",
    ]),
  );
  return [
    printable(`${event.id}   ${event.source}   ${event.type}   ${event.outcome}   ${event.ref}`),
    "",
    ...steps.map(({ at, text, tookMs }) => printable(`${at}  ${text}${tookMs === null ? "" : ` (${tookMs} ms)`}`)),
    ...(fields.length === 0 ? [] : ["", table([["record", "field", "value", "became", "because"], ...fields])]),
    ...faults.map(({ place, message }) => `\n${printable(`${place}: ${message}`)}`),
    ...(deliveries.length === 0 ? [] : [`\nother deliveries: ${deliveries.map(({ ref }) => ref).join(", ")}`]),
    ...gaps.map((gap) => `\ngap: ${gap}`),
  ].join("\n");
}
