import { expect, test } from "vitest";
import type { Event } from "@sluice/event";
import { compileFetch } from "./fetch.ts";
import { mapDocument } from "./hydrate.ts";
import { compileMapping } from "./mapping.ts";

const DAY_MS = 86_400_000;
const ARRIVED_MS = Date.parse("2026-11-05T12:00:00Z");
const EVENT: Event = { id: "e1", type: "changed", time: null, source: "thin", data: { id: 7 }, headers: {} };

async function mapped(changed: string, fetchedAtMs: number) {
  const fetched = compileFetch({ url: "https://api.example/c/{{data.id}}" }, "sources.thin.fetch", "fetch:thin");
  if (!("fetch" in fetched)) throw new Error(JSON.stringify(fetched.faults));
  const { fetch } = fetched;
  const row = {
    destination: "crm",
    object: "c",
    external_id: "data.id",
    version: "data.changed",
    fields: { seen: "$now()" },
  };
  const compiled = compileMapping(row, "sources.thin.records[0]", fetch);
  if (!("mapping" in compiled)) throw new Error(JSON.stringify(compiled.faults));
  const arrival = { micros: ARRIVED_MS * 1000, session: 1 };
  const context = { rank: 0, mappings: [compiled.mapping], arrival, run: 0, versionSkewMs: DAY_MS, fetch, fetchedAtMs };
  return await mapDocument(EVENT, { id: "7", changed }, context);
}

test("a document that was fetched days after its event may be as new, and sees when the event came in", async () => {
  const { changes, faults } = await mapped("2026-11-08T12:00:00Z", ARRIVED_MS + 3 * DAY_MS);
  expect(faults).toEqual([]);
  expect(changes[0]!.effect).toEqual({ kind: "fields", fields: new Map([["seen", "2026-11-05T12:00:00.000Z"]]) });
});

test("a document newer than the time at which it was fetched would freeze its fields", async () => {
  const { faults } = await mapped("2026-11-08T12:00:00Z", ARRIVED_MS);
  expect(faults).toMatchObject([{ message: expect.stringContaining("version_skew") as string }]);
});
