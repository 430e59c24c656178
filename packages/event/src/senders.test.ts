import { expect, test } from "vitest";
import { senders, schemeNames } from "./catalog.ts";
import { gradeOf } from "./verification/grade.ts";
import { readEvents } from "./events/read-events.ts";
import type { WebhookRequest } from "./request.ts";
import type { Sender } from "./sender.ts";
import { sampleRequest } from "./sender.fixture.ts";

const eventsOf = (sender: Sender, request: WebhookRequest = sampleRequest(sender)) =>
  readEvents(sender, request, "source");

/** Senders whose bodies do not say the kind of the event, or its time. */
const SILENT_OF_TYPE = new Set(["airtable", "adobe-commerce-webhooks"]);
const SILENT_OF_TIME = new Set(["attio", "twilio"]);

test.each(senders())("$title: the sample becomes events with an id and a type", (sender) => {
  const events = eventsOf(sender);
  expect(events.length).toBeGreaterThan(0);
  for (const event of events) {
    expect(event.id).not.toBe("");
    expect(event.data).not.toBeNull();
    expect(event.type === "unknown").toBe(SILENT_OF_TYPE.has(sender.name));
    expect(event.time ?? "none").toMatch(SILENT_OF_TIME.has(sender.name) ? /^none$/ : /^2026-11-05T1[12]:/);
  }
});

test.each(senders())("$title: the guide says where URL and secret go", ({ guide }) => {
  expect(guide.steps.length).toBeGreaterThan(1);
  expect([...guide.steps, guide.example?.code ?? ""].join("\n")).toContain("{url}");
  expect(guide.secret).not.toBe("");
  for (const text of [...guide.steps, ...guide.notes, guide.secret]) expect(text).toMatch(/[.)]$|`$/);
});

test.each(senders())(
  "$title: it is said where its facts stand, who promises its order, and what surprises",
  (sender) => {
    const { guide, presets = [], presetSources = [] } = sender;
    expect(guide.sources.length).toBeGreaterThan(0);
    expect(presets.length > 0 ? presetSources.length : 1).toBeGreaterThan(0);
    for (const address of [...guide.sources, ...presetSources]) {
      expect(new URL(address).protocol).toBe("https:");
      expect(address).toBe(new URL(address).href);
    }
    // The name of somebody, and the promise: "Nobody" is an answer too.
    expect(guide.order).toMatch(/^(?:\w[\w .'/-]+)(?: for [a-z ]+)?: .+\.$/);
    expect(guide.surprises.length).toBeGreaterThan(0);
    for (const surprise of guide.surprises) expect(surprise).toMatch(/^[A-Z`/].*\.$/s);
    expect(new Set([...guide.notes, ...guide.surprises]).size).toBe(guide.notes.length + guide.surprises.length);
  },
);

test("a sender of whose version nobody promises anything is either fetched, without a version, or a person's own", () => {
  for (const { name, guide, event } of senders()) {
    if (!guide.order.startsWith("Nobody")) continue;
    const hasRemedy = event.thin === "always" || event.thin !== undefined || OWN_BODIES.has(name);
    expect(hasRemedy, name).toBe(true);
  }
});

/** Senders whose body another party shapes: the application behind Svix, the release of Business One. Twilio has nothing to fetch a row from. */
const OWN_BODIES = new Set(["svix", "sap-business-one", "twilio"]);

test("names are unique, and what proves least says so", () => {
  expect(new Set(senders().map(({ name }) => name)).size).toBe(senders().length);
  expect(schemeNames().length).toBeGreaterThan(senders().length);
  const urlOnly = senders().filter((sender) => gradeOf(sender) === "URL secret only");
  expect(urlOnly.map(({ name }) => name).toSorted()).toEqual([
    "azure-event-grid",
    "cloudevents",
    "dataverse-querystring",
    "dataverse-webhookkey",
    "generic-api-key-query",
    "mailchimp",
    "monday-url-secret",
    "odoo-url-secret",
    "salesforce-outbound-message",
  ]);
});
