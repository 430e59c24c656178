import { expect, test } from "vitest";
import type { EventTrace } from "@sluice/history";
import { traceText } from "./trace-text.ts";

/** A line was once told as `\\u000asources.erp…`: its own line end was taken for one of the sender's. */
test("each fault of a mapping stands in a line of its own, and what a sender wrote moves no cursor", () => {
  const trace = {
    event: { id: "e-1", source: "erp", type: "order.edit", outcome: "dead", ref: "m1-1" },
    changes: [],
    faults: [{ place: "sources.erp.records[1].fields.total", message: '$toNumber of "\n1"' }],
    steps: [{ at: "2026-11-29T14:00:00.000Z", what: "received", text: "received from erp", record: null, tookMs: 5 }],
    gaps: ["a worker was lost"],
    deliveries: [{ ref: "m1-2" }],
  } as unknown as EventTrace;
  expect(traceText(trace).split("\n")).toEqual([
    "e-1   erp   order.edit   dead   m1-1",
    "",
    "2026-11-29T14:00:00.000Z  received from erp (5 ms)",
    "",
    'sources.erp.records[1].fields.total: $toNumber of "\\u000a1"',
    "",
    "other deliveries: m1-2",
    "",
    "gap: a worker was lost",
  ]);
});
