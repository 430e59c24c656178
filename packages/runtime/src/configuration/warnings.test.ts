import { findSender, presetFetches, senders } from "@sluice/event";
import { expect, test } from "vitest";
import { readConfiguration } from "./load.ts";
import { configurationWarnings } from "./warnings.ts";

const DESTINATIONS = 'destinations: { crm: { kind: zendesk, url: "http://127.0.0.1:9", auth: { bearer: x } } }';

async function warningsOf(text: string): Promise<readonly string[]> {
  const configuration = readConfiguration(text, { path: "sluice.yaml", env: {} });
  const warnings = await configurationWarnings(text, configuration);
  return warnings.map(({ line, place, message }) => `${line} ${place.replace("sources.it.records", "")}: ${message}`);
}

const rowOf = (row: string, scheme = "hubspot-v3"): string => `
sources:
  it:
    scheme: ${scheme}
    secrets: ["a:b"]
    records:
      - ${row.replaceAll("\n", "\n        ")}
${DESTINATIONS}
`;

const REST =
  "\ndestination: crm\nobject: contact\nexternal_id: data.objectId & ''\nfields: { email: data.propertyValue }";

test.each([
  [
    "a name that no event has",
    "when: tpye = 'contact.creation'",
    "7 [0].when: `tpye` is nothing that an event has; did you mean type?",
  ],
  [
    "a member of data without data",
    "when: objectId = 1",
    "7 [0].when: `objectId` is nothing that an event has; did you mean data.objectId?",
  ],
  [
    "a member near one of the sample",
    "when: data.propertyNmae = 'email'",
    "7 [0].when: `data.propertyNmae` is not in the sender's sample; did you mean data.propertyName?",
  ],
  [
    "a function that nobody has",
    "when: $contians(type, 'x')",
    "7 [0].when: there is no function or variable $contians; did you mean $contains?",
  ],
  [
    "a type near one that is known",
    "when: type = 'contact.propertychange'",
    '7 [0].when: no event is known of type "contact.propertychange"; did you mean contact.propertyChange?',
  ],
  [
    "a type in the spelling of others",
    "when: type in ['contact/creation']",
    '7 [0].when: no event is known of type "contact/creation"; did you mean contact.creation?',
  ],
  [
    "an operation that is none",
    "when: operation = 'deleted'",
    '7 [0].when: never true: `operation` is "delete" or is not there, never "deleted"',
  ],
  ["another source's name", "when: source = 'erp'", '7 [0].when: never true: `source` is always "it" here'],
  [
    "two types at once",
    "when: type = 'a.b' and (data.x = 1) and type = 'c.d'",
    "7 [0].when: no event fits: `type` can't be two things at once",
  ],
  ["what is always false", "when: false", "7 [0].when: no event fits: it is always false"],
])("%s is told with its line", async (_, when, warning) => {
  expect(await warningsOf(rowOf(`${when}${REST}`))).toEqual([warning]);
});

test("what a scheme can't make is told", async () => {
  expect(await warningsOf(rowOf(`when: type = 'contact'${REST}`, "xero"))).toEqual([
    expect.stringContaining(
      'never true: types of this scheme are made as {event.eventCategory}.{event.eventType}, and "contact" is not',
    ),
  ]);
  expect(await warningsOf(rowOf(`when: thin = true${REST}`, "slack"))).toEqual([
    expect.stringContaining("this scheme marks none as `thin`"),
  ]);
});

test("keys that are the same for every event, and numbers that fail of null, are told", async () => {
  const row = "destination: crm\nobject: contact\nexternal_id: \"'one'\"\nfields: { total: $number(data.total) }";
  expect(await warningsOf(rowOf(row))).toEqual([
    "9 [0].external_id: is the same for every event: all of them are one record",
    "10 [0].fields.total: $number fails where `data.total` is null or empty; $toNumber clears the field",
  ]);
});

test("objects and fields that the file's own `objects` lacks are told, if it has any", async () => {
  const row = rowOf(REST.trimStart().replace("email:", "emial:"));
  expect(await warningsOf(row)).toEqual([]);
  const objects =
    "objects: { contact: { title: C, title_pluralized: Cs, fields: { email: { type: text, title: E } } } }";
  expect(await warningsOf(`${row}${objects}`)).toEqual([
    '10 [0].fields.emial: `objects` defines no field "emial" of contact; did you mean email?',
  ]);
  expect(await warningsOf(`${row}${objects.replace("contact:", "kontact:")}`)).toEqual([
    expect.stringMatching(/^8 \[0\]\.object: `objects` defines no "contact".*did you mean kontact\?$/),
  ]);
});

test("versions of two kinds on one object are told", async () => {
  const [sent, numbered] = ["version: time", "version: data.eventId"].map(
    (version) => `${REST.trimStart()}\n${version}`,
  );
  const both = rowOf(sent!).replace(
    DESTINATIONS,
    `      - ${numbered!.replaceAll("\n", "\n        ")}\n${DESTINATIONS}`,
  );
  expect(await warningsOf(both)).toEqual([
    expect.stringMatching(
      /^16 \[1\]\.version: orders crm\/contact by whole numbers, and sources.it.records\[0\].version orders it by times/,
    ),
  ]);
});

test("types that nobody here has heard of are the sender's own matter", async () => {
  expect(await warningsOf(rowOf(`when: type = 'refunds/create'${REST}`, "shopify"))).toEqual([]);
  expect(await warningsOf(rowOf(`when: data.custom_field_7 = 'x'${REST}`))).toEqual([]);
  expect(await warningsOf(rowOf(`when: type = 'contact.user.created'${REST}`, "intercom"))).toEqual([]);
  // A scheme of many senders, or of a person's own script, has types of its own.
  const own = `when: type = 'customer.update' and data.field = 1${REST}`;
  expect(await warningsOf(rowOf(own, "generic-hmac"))).toEqual([]);
});

test("of no preset is there anything to warn, with and without a fetch, and all of them may write the same objects", async () => {
  const sources = senders()
    .filter(({ presets }) => presets?.length)
    .flatMap((sender) => {
      const source = { scheme: sender.name, secrets: ["a:b"], records: "preset" };
      const fetched = { ...source, fetch: { base: "https://api.example.com" } };
      const ways =
        presetFetches(sender) === "always" ? [fetched] : [source, ...(sender.fetch === undefined ? [] : [fetched])];
      return ways.map((way, index) => [`${sender.name}-${index}`, way] as const);
    });
  expect(findSender("salesforce-cdc")?.presets).not.toHaveLength(0);
  const text = JSON.stringify({
    sources: Object.fromEntries(sources),
    destinations: { crm: { kind: "zendesk", url: "http://127.0.0.1:9", auth: { bearer: "x" } } },
  });
  expect(await warningsOf(text)).toEqual([]);
});
