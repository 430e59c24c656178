import { expect, test } from "vitest";
import type { Event, Json } from "@sluice/event";
import type { DeadLetter } from "@sluice/queue";
import { mapDocument, mapEvent, mapMissing, type Change, type MappedEvent } from "@sluice/record";
import { readConfiguration, type Configuration } from "@sluice/runtime";
import { replayEvent } from "./replay-event.ts";

const NOW = Date.UTC(2026, 10, 25);
const ARRIVAL = { micros: NOW * 1000, session: 1 };
const EVENT: Event = { id: "e-1", type: "changed", time: null, source: "thin", data: { ref: "7" }, headers: {} };

function configured({ url = "{{data.ref}}", version = "data.at" } = {}): Configuration {
  const text = `
sources:
  thin:
    scheme: generic-hmac
    secrets: [hush-hush]
    fetch: { url: "http://127.0.0.1:1/${url}", missing: delete }
    records:
      - { destination: crm, object: customer, external_id: data.ref, version: ${version}, fields: { tier: data.tier } }
destinations:
  crm: { kind: zendesk, url: "http://127.0.0.1:1", auth: { bearer: none } }
`;
  return readConfiguration(text, { path: "sluice.yaml", env: {} });
}

/** The letter that the door, or the worker that had the document, makes of a mapping that fails. */
function letterOf({ event, faults: [fault] }: MappedEvent): DeadLetter {
  const { destination, object, message } = fault!;
  const reason = { code: "mapping_failed", message };
  return { id: "e_12345678", at: "", destination, object, key: null, reason, events: [], event };
}

async function replayed(letter: DeadLetter, configuration: Configuration) {
  const replay = await replayEvent(letter, letter.event as Event, configuration, 1);
  if (replay.kind !== "changes") return replay;
  const admitted: Change[] = [];
  await replay.merge({
    async merge(events) {
      admitted.push(...events.flatMap(({ changes }) => changes));
      return ["accepted"];
    },
  });
  return admitted;
}

function contextOf(configuration: Configuration) {
  const { mappings, rank } = configuration.sources.get("thin")!;
  return { rank, mappings, arrival: ARRIVAL, run: 0, versionSkewMs: 0, fetch: mappings[0]!.fetch!, fetchedAtMs: NOW };
}

test("a thin event of which no URL could be made is asked for by the URL as it is now", async () => {
  const before = configured({ url: "{{data.nothing}}" });
  const letter = letterOf(await mapEvent(EVENT, contextOf(before)));
  expect(letter.destination).toBe("fetch:thin");
  expect(await replayed(letter, configured())).toMatchObject([
    { destination: "fetch:thin", key: { value: "http://127.0.0.1:1/7" } },
  ]);
});

test("a document that could not be mapped is mapped again, not asked for by what it holds itself", async () => {
  const document: Json = { ref: "c-7", tier: "gold", changed: "2026-11-01T00:00:00Z" };
  const letter = letterOf(await mapDocument(EVENT, document, contextOf(configured())));
  expect(letter.destination).toBe("crm");
  expect(await replayed(letter, configured({ version: "data.changed" }))).toMatchObject([
    { destination: "crm", key: { value: "c-7" }, effect: { fields: new Map([["tier", "gold"]]) } },
  ]);
});

test("a document that was gone is no document to map", async () => {
  // A time that can't be read is told; without a time the arrival counts.
  const letter = letterOf(await mapMissing({ ...EVENT, time: "yesterday" }, contextOf(configured())));
  expect(await replayed(letter, configured())).toMatchObject({ kind: "fails" });
});
