import { expect, test } from "vitest";
import { findScheme } from "@sluice/event";
import { NotUnderstoodError, type IntakeWebhook } from "@sluice/queue";
import { readConfiguration, type Configuration } from "@sluice/runtime";
import { createTimeSlices } from "./time-slices.ts";
import { createUnderstander } from "./understander.ts";

const CONFIGURATION = `
sources:
  hub:
    scheme: hubspot-v3
    secrets: ["s"]
    records:
      - { destination: crm, object: contact, external_id: "$string(data.objectId)", fields: { email: data.email } }
destinations:
  crm: { kind: zendesk, url: "http://127.0.0.1:9", auth: { bearer: x } }
`;

/** No live webhook waits. */
const atOnce = async (): Promise<void> => {};

function configured(): Configuration {
  return readConfiguration(CONFIGURATION, { path: "sluice.yaml", env: {} });
}

function webhookOf(count: number, more: Partial<IntakeWebhook> = {}): IntakeWebhook {
  const events = Array.from({ length: count }, (_, index) => ({
    eventId: 1,
    subscriptionId: 2,
    portalId: 3,
    objectId: index,
    occurredAt: 1_793_880_000_000,
    subscriptionType: "contact.propertyChange",
  }));
  return {
    source: "hub",
    rank: 0,
    arrival: { micros: 1_793_880_000_000_000, session: 4 },
    kept: {
      method: "POST",
      url: "/webhooks/hub",
      path: "/webhooks/hub",
      query: "",
      headers: [["content-type", "application/json"]],
      body: JSON.stringify(events),
    },
    ids: events.map((_, index) => `id-${index}`),
    secretNumber: 1,
    run: 0,
    wait: null,
    ...more,
  };
}

async function faultOf(reading: Promise<unknown>): Promise<string> {
  const error = await reading.then(
    () => null,
    (reason: unknown) => reason,
  );
  return error instanceof NotUnderstoodError ? error.fault.code : String(error);
}

test("events have the ids that the door told their sender, and arrivals in a row", async () => {
  expect(findScheme("hubspot-v3")).toBeDefined();
  const mapped = await createUnderstander(configured).read(webhookOf(3), atOnce);
  expect(mapped.map(({ event }) => event.id)).toEqual(["id-0", "id-1", "id-2"]);
  expect(mapped).toMatchObject(
    [0, 1, 2].map((index) => ({ arrival: { micros: 1_793_880_000_000_000 + index, session: 4 } })),
  );
  expect(mapped.map(({ changes }) => changes[0]?.key.value)).toEqual(["0", "1", "2"]);
});

test("a webhook whose expressions take too long is set aside, with its own time and nobody else's", async () => {
  // Each look at this clock is a millisecond: an event takes a few.
  let nowMs = 0;
  const clock = (): number => (nowMs += 1);
  const slow = createUnderstander(configured, createTimeSlices(clock, clock), 100);
  expect(await faultOf(slow.read(webhookOf(1000), atOnce))).toBe("webhook_slow");
  // Beside it, and after it, another one has all of its budget.
  const [, neighbour] = await Promise.all([
    faultOf(slow.read(webhookOf(1000), atOnce)),
    slow.read(webhookOf(3), atOnce),
  ]);
  expect(neighbour).toHaveLength(3);
});

test("a pause of the whole process is no time that a webhook took", async () => {
  let nowMs = 0;
  const paused = createUnderstander(
    configured,
    createTimeSlices(() => (nowMs += 60_000)),
  );
  expect(await paused.read(webhookOf(3), atOnce)).toHaveLength(3);
});

test("the event loop is given back while many events are mapped", async () => {
  let nowMs = 0;
  const understander = createUnderstander(
    configured,
    createTimeSlices(() => (nowMs += 1)),
    Infinity,
  );
  let turns = 0;
  let over = false;
  const count = (): void => {
    turns += 1;
    if (!over) setImmediate(count);
  };
  setImmediate(count);
  let gaveWay = 0;
  await understander.read(webhookOf(1000), async () => void (gaveWay += 1));
  over = true;
  // Two looks at the clock for each event: a turn of 20 ms is over every ten events.
  expect(turns).toBeGreaterThan(40);
  expect(gaveWay).toBeGreaterThan(40);
});

test.each([
  ["source_unknown", webhookOf(1, { source: "gone" })],
  ["webhook_unreadable", webhookOf(1, { kept: { ...webhookOf(1).kept, body: "no JSON" } })],
])("%s: nobody could understand it", async (code, webhook) => {
  expect(await faultOf(createUnderstander(configured).read(webhook, atOnce))).toBe(code);
});
