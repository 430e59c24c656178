import { inspect } from "node:util";
import { expect, test } from "vitest";
import { FILE_METHOD, keepRow } from "@sluice/event";
import { HISTORY_LIMITS, type Archive, type Flown, type Understood } from "@sluice/history";
import type { Claim, IntakeWebhook, Merging, ReadWebhook } from "@sluice/queue";
import { stampOf, type MappedEvent } from "@sluice/record";
import { readConfiguration, systemClock, type Configuration } from "@sluice/runtime";
import { createUnderstander } from "../understanding/understander.ts";
import type { FlightEnd } from "./flown-of.ts";
import { createRecorder, type Recorder } from "./recorder.ts";

const MADE = `external_id: data.id, fields: { email: data.contact.email, greeting: "'Dear ' & data.contact.email", tier: data.tier }`;
const CONFIGURATION = `
sources:
  shop:
    scheme: generic-hmac
    secrets: ["s"]
    redact: [contact.email]
    records:
      - { destination: crm, object: customer, ${MADE} }
  erp:
    scheme: generic-hmac
    secrets: ["s"]
    records:
      - { destination: crm, object: customer, ${MADE} }
      - { destination: crm, object: order, ${MADE} }
destinations:
  crm: { kind: zendesk, url: "http://127.0.0.1:9", auth: { bearer: x } }
`;
const configuration = readConfiguration(CONFIGURATION, { path: "sluice.yaml", env: {} });
const SECRET = "ada@example.com";
const ARRIVAL = { micros: 1_793_880_000_000_000, session: 4 };
const BODY = JSON.stringify({ id: "7", contact: { email: SECRET }, tier: "gold" });

type Told = {
  readonly recorder: Recorder;
  readonly webhooks: Understood[];
  readonly flights: Flown[];
  readonly leftOut: () => number;
};

/** A recorder, and the lines that its archive was given. */
function telling(current: () => Configuration = () => configuration): Told {
  const webhooks: Understood[] = [];
  const flights: Flown[] = [];
  let leftOut = 0;
  const archive: Archive = {
    understood: (webhook) => void webhooks.push(webhook),
    flown: (flight) => void flights.push(flight),
    leaveOut: (events) => void (leftOut += events),
    numbers: () => {
      throw new Error("nobody asks");
    },
    close: async () => {},
  };
  const onError = (error: unknown): void => {
    throw error;
  };
  const recorder = createRecorder({ archive, configuration: current, clock: systemClock, onError });
  return { recorder, webhooks, flights, leftOut: () => leftOut };
}

function webhookOf(source: string, body: string = BODY): IntakeWebhook {
  return {
    source,
    rank: 0,
    arrival: ARRIVAL,
    kept: {
      method: "POST",
      url: `/webhooks/${source}`,
      path: `/webhooks/${source}`,
      query: "",
      headers: [["content-type", "application/json"]],
      body,
    },
    ids: ["e-1"],
    secretNumber: 1,
    run: 0,
    wait: null,
  };
}

/** Everything that a line holds, also beside JSON. */
function textOf(line: unknown): string {
  return inspect(line, { depth: null, maxStringLength: null, maxArrayLength: null });
}

/** Merging that accepts every change. */
const merging: Merging = {
  mergeEach: async (events) =>
    events.map(({ changes, rank, arrival, run, faults }) => ({
      word: "accepted",
      changes: changes.map(({ version }) => ({
        word: "accepted",
        stamp: stampOf(version, rank, { finerMicros: null, arrival, run }),
      })),
      faults: faults.map(() => "dead"),
    })),
  merge: async (events) => events.map(() => "accepted"),
};

async function understoodBy({ recorder }: Told, webhook: IntakeWebhook): Promise<void> {
  const events = await createUnderstander(() => configuration).read(webhook, async () => {});
  recorder.understood(webhook, { events, merged: await merging.mergeEach(events) });
  await recorder.close(10_000);
}

test("a source's `redact` takes the values out of the body, and out of the fields that are made of them", async () => {
  const told = telling();
  await understoodBy(told, webhookOf("shop"));
  const [line] = told.webhooks;
  expect(textOf(told.webhooks)).not.toContain(SECRET);
  expect(line!.request).toMatchObject({ redacted: ["contact.email"] });
  expect(JSON.parse(line!.request!.body)).toMatchObject({ id: "7", contact: { email: "[redacted]" }, tier: "gold" });
  expect(line!.events[0]).toMatchObject({ id: "e-1" });
  expect(line!.events[0]!.changes[0]).toMatchObject({
    record: { key: "7" },
    fields: { tier: "gold" },
    hidden: ["email", "greeting"],
  });
});

test("a source without `redact` is told whole", async () => {
  const told = telling();
  await understoodBy(told, webhookOf("erp"));
  expect(told.webhooks[0]!.request!.body).toContain(SECRET);
  expect(told.webhooks[0]!.events[0]!.changes[0]).toMatchObject({
    fields: { email: SECRET },
    hidden: [],
  });
});

test.each<[string, IntakeWebhook, ReadWebhook]>([
  [
    "a body that is no JSON",
    webhookOf("shop", `email=${SECRET}`),
    { fault: { code: "webhook_unreadable", message: `no JSON: ${SECRET}` } },
  ],
  [
    "a webhook of a source that is not configured any more",
    webhookOf("gone"),
    { fault: { code: "source_unknown", message: "no worker has it" } },
  ],
])("%s is told without its body", async (_, webhook, read) => {
  const told = telling();
  told.recorder.understood(webhook, read);
  await told.recorder.close(10_000);
  expect(told.webhooks).toMatchObject([{ request: { body: "", redacted: ["the whole body"] } }]);
  expect(textOf(told.webhooks)).not.toContain(SECRET);
});

test("a document that was fetched for a source with `redact` is told without values", async () => {
  const told = telling();
  const mapped = (source: string): MappedEvent => ({
    event: { id: "e-1", type: "customer.updated", time: null, source, data: {}, headers: {} },
    rank: 0,
    arrival: ARRIVAL,
    run: 0,
    changes: [
      {
        destination: "crm",
        object: "customer",
        key: { by: "external_id", value: "7" },
        version: null,
        effect: { kind: "fields", fields: new Map([["email", SECRET]]) },
      },
    ],
    faults: [
      { destination: "crm", object: "order", code: "mapping_failed", place: "p", expression: "x", message: SECRET },
    ],
  });
  await told.recorder.mergingDocuments(merging).merge([mapped("shop"), mapped("erp")]);
  const [hidden, shown] = told.webhooks;
  expect(textOf(hidden)).not.toContain(SECRET);
  expect(hidden!.events[0]!.changes[0]).toMatchObject({ fields: {}, hidden: ["email"] });
  expect(shown!.events[0]!.changes[0]).toMatchObject({ fields: { email: SECRET }, hidden: [] });
});

test.each([
  ["of a source with `redact` is told without request, answer and message", "shop", "customer", [false, false]],
  ["of a source that is not configured any more, likewise", "gone", "order", [false, false]],
  [
    "to a record that such a source writes too is told without its answer: that shows all of the record",
    "erp",
    "customer",
    [true, false],
  ],
  ["to other records is told whole", "erp", "order", [true, true]],
] as const)("a flight %s", (_, source, object, [isRequestTold, isAnswerTold]) => {
  const told = telling();
  const stamp = stampOf(null, 0, { finerMicros: null, arrival: ARRIVAL, run: 0 });
  const claim = {
    destination: "crm",
    object,
    key: { by: "external_id", value: "7" },
    fence: "1",
    attempts: 0,
    job: null,
    snapshot: {
      fields: new Map([["tier", { value: "gold", stamp, source, change: 1 }]]),
      deletion: null,
      open: new Map([[source, 1]]),
    },
  } as unknown as Claim;
  const end: FlightEnd = { verdict: "buried", code: "c", message: `said ${SECRET}`, isProbe: false, refused: [] };
  told.recorder.flown(
    { claim, effect: "fields" },
    {
      answer: { kind: "record", code: "c", message: SECRET },
      status: "422",
      shown: { request: { body: "asked" }, response: { body: SECRET } },
    },
    null,
    end,
  );
  const [flight] = told.flights;
  expect(flight!.request).toEqual(isRequestTold ? { body: "asked" } : null);
  expect(textOf(flight).includes(SECRET)).toBe(isAnswerTold);
  expect(flight).toMatchObject({ status: "422", code: "c", verdict: "buried", carried: [{ fields: ["tier"] }] });
});

test("webhooks that are mapped once more have a bound, and each is told or counted, also at a stop", async () => {
  const events = await createUnderstander(() => configuration).read(webhookOf("shop"), async () => {});
  const read = { events, merged: await merging.mergeEach(events) };
  const hear = (told: Told, count: number): void => {
    for (let at = 0; at < count; at += 1) told.recorder.understood(webhookOf("shop"), read);
  };
  const patient = telling();
  hear(patient, HISTORY_LIMITS.redactingAtOnce + 3);
  expect([patient.webhooks.length, patient.leftOut()]).toEqual([0, 3]);
  await patient.recorder.close(60_000);
  expect([patient.webhooks.length, patient.leftOut()]).toEqual([HISTORY_LIMITS.redactingAtOnce, 3]);

  const hurried = telling();
  hear(hurried, HISTORY_LIMITS.redactingAtOnce);
  await hurried.recorder.close(1);
  expect(hurried.webhooks.length + hurried.leftOut()).toBe(HISTORY_LIMITS.redactingAtOnce);
});

test("a row of a file, whose columns `redact` does not know, leaves none of its values where its source has one", async () => {
  const data = { id: "7", contact: { email: SECRET }, tier: "gold" };
  const kept = keepRow({ id: "customers.csv:1:2", type: "t", time: null, data }, "customers.csv");
  const told = telling();
  await understoodBy(told, { ...webhookOf("shop"), kept, ids: ["customers.csv:1:2"], run: 1 });
  expect(textOf(told.webhooks)).not.toContain(SECRET);
  expect(told.webhooks[0]!.events[0]!.changes[0]).toMatchObject({ record: { key: "7" }, fields: {} });
  const open = telling();
  await understoodBy(open, { ...webhookOf("erp"), kept, ids: ["customers.csv:1:2"], run: 1 });
  expect(open.webhooks[0]!.request).toMatchObject({ method: FILE_METHOD, url: "customers.csv" });
  expect(open.webhooks[0]!.events[0]!.changes[0]!.fields).toMatchObject({ email: SECRET, tier: "gold" });
});
