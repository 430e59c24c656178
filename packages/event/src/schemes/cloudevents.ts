import { SAP_FETCH, SAP_PRESETS, SAP_SOURCES } from "../presets/sap.ts";
import type { EventRules } from "../scheme.ts";
import type { Guide, SampleRequest, SenderRow } from "../sender.ts";
import { QUIET_REPLY } from "./ordinary.ts";

/** The rules for every CloudEvent: source and id together are unique. A source is a URI and has no spaces. */
const EVENT: EventRules = {
  split: "many",
  id: ["{event.source} {event.id}"],
  type: ["{event.type}"],
  time: [{ from: "{event.time}", unit: "iso8601" }],
  data: ["{event.data}", "{event}"],
  delete: [{ in: "{event.type}", fits: "[._](?:deleted|removed)(?:\\.v\\d+)?$" }],
};

export const cloudevents: SenderRow = {
  name: "cloudevents",
  title: "CloudEvents",
  check: { type: "any", of: [{ type: "bearer" }, { type: "token", from: "query:access_token" }, { type: "basic" }] },
  handshakes: [{ kind: "cloudevents-options" }],
  body: "cloudevents",
  event: EVENT,
  reply: { overload: { status: 429, retryAfter: "seconds" } },
  guide: {
    sources: [
      "https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md",
      "https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md",
    ],
    order:
      "The specification: `time` is when the occurrence happened, and all producers of one `source` agree how they set it. It is optional.",
    surprises: [
      "In binary mode an attribute's value is percent-encoded, and the JavaScript SDK encodes none: the id is taken as the header has it.",
      "An `id` is unique within its `source` alone; two sources may both send `1`.",
      "`time` is optional: an event without one is ordered by its arrival.",
    ],
    steps: [
      "At the sender add an HTTP subscription with {url}; structured, binary and batch mode are all read.",
      "Give it {secret} as bearer token, or as the parameter `access_token` where it can only change the URL.",
      "Senders that ask for permission with OPTIONS first are given it.",
    ],
    secret: "The bearer token; or `user:password`, where the sender uses basic authentication.",
    notes: [
      "The id of an event is its `source` and `id` together; version is its `time`.",
      "While Sluice can't store it answers 429 with Retry-After, as the specification wants.",
    ],
  },
  sample: {
    headers: { "content-type": "application/cloudevents+json" },
    body: {
      specversion: "1.0",
      id: "A234-1234-1234",
      source: "/crm/contacts",
      type: "com.example.contact.updated",
      subject: "C-1042",
      time: "2026-11-05T11:59:57Z",
      datacontenttype: "application/json",
      data: { id: "C-1042", email: "ada@example.com" },
    },
  },
};

const SAP_GUIDE: Guide = {
  sources: [
    "https://github.com/SAP-docs/btp-integration-suite",
    "https://api.sap.com/event/CE_BUSINESSPARTNEREVENTS/overview",
  ],
  order:
    "SAP: `time` is the event's, in whole seconds. The queue sends up to 18 messages at once, in any order; the document's own `LastChangeDateTime` decides where it has one.",
  surprises: [
    "An event carries the record's key alone.",
    "A business partner's document has its change as date and time without a zone, so the event's time orders it.",
    "A key is a text with leading zeros or without, as the system's settings have it: it is kept as it comes.",
  ],
  steps: [
    "In SAP Integration Suite open Event Mesh, your message client, and create a queue with subscriptions to the topics of your S/4HANA events.",
    "Create a webhook for the queue: {url}, quality of service 1, basic authentication with {secret}.",
    "Do the handshake: SAP asks with OPTIONS and the same credentials, and Sluice answers.",
  ],
  secret: "`user:password` of the webhook's basic authentication; or the bearer token of its OAuth client.",
  notes: [
    "S/4HANA's events carry the record's key alone: the record is fetched from its OData service.",
    "18 messages that are not answered stall the queue; the first repetition comes after 15 minutes.",
  ],
};

const SAP_SAMPLE: SampleRequest = {
  headers: { "content-type": "application/cloudevents+json" },
  body: {
    type: "sap.s4.beh.businesspartner.v1.BusinessPartner.Changed.v1",
    specversion: "1.0",
    source: "/default/sap.s4.beh/244572008",
    id: "63d6a150-c6a1-4c5b-bcc3-27d90c07941c",
    time: "2026-11-05T11:59:57Z",
    datacontenttype: "application/json",
    data: { BusinessPartner: "1000667" },
  },
};

/** S/4HANA through Event Mesh. */
export const sapEventMesh: SenderRow = {
  name: "sap-event-mesh",
  title: "SAP S/4HANA (Event Mesh)",
  check: { type: "any", of: [{ type: "basic" }, { type: "bearer" }] },
  handshakes: [{ kind: "cloudevents-options", authenticated: true }],
  body: "cloudevents",
  event: { ...EVENT, delete: [{ in: "{event.type}", fits: "\\.Deleted\\.v\\d+$" }], thin: "always" },
  reply: QUIET_REPLY,
  guide: SAP_GUIDE,
  presets: SAP_PRESETS,
  presetSources: SAP_SOURCES,
  fetch: SAP_FETCH,
  sample: SAP_SAMPLE,
};

export const sapEventMeshBasic: SenderRow = {
  ...sapEventMesh,
  name: "sap-event-mesh-basic",
  title: "SAP S/4HANA (Event Mesh, basic authentication)",
  check: { type: "basic" },
  guide: { ...SAP_GUIDE, secret: "`user:password` of the webhook's basic authentication." },
};

/** Azure Event Grid, in its own schema or CloudEvents: both have id, type and time, by other names. */
export const azureEventGrid: SenderRow = {
  name: "azure-event-grid",
  title: "Azure Event Grid",
  check: {
    type: "any",
    of: [{ type: "token", from: "query:code" }, { type: "token", from: "header:x-sluice-key" }, { type: "bearer" }],
  },
  handshakes: [{ kind: "eventgrid-validation" }, { kind: "cloudevents-options" }],
  event: {
    split: "many",
    id: ["{event.topic} {event.id}", "{event.source} {event.id}", "{event.id}"],
    type: ["{event.eventType}", "{event.type}"],
    time: [
      { from: "{event.eventTime}", unit: "iso8601" },
      { from: "{event.time}", unit: "iso8601" },
    ],
    data: ["{event.data}", "{event}"],
    delete: [
      { in: "{event.eventType}", fits: "\\.?(?:Deleted|Removed)$" },
      { in: "{event.type}", fits: "\\.?(?:Deleted|Removed)$" },
    ],
  },
  // Event Grid does not take a 202 for its validation.
  reply: QUIET_REPLY,
  guide: {
    sources: [
      "https://learn.microsoft.com/en-us/azure/event-grid/event-schema",
      "https://learn.microsoft.com/en-us/azure/event-grid/delivery-and-retry",
    ],
    order: "Microsoft: `eventTime` is the publisher's. It says itself that delivery is in no order.",
    surprises: [
      "A 202 is no answer to its validation.",
      "With CloudEvents' schema it asks with OPTIONS, with its own by a POST.",
      "`eventTime` is what the publisher writes, also one that lies in the future.",
    ],
    steps: [
      "In the Azure portal open the topic and create an event subscription with the endpoint type Web Hook.",
      "Paste {url}?code={secret} as the endpoint; the schema may be Event Grid's or CloudEvents 1.0.",
      "Instead of `code` you may add the header `x-sluice-key`, marked as secret, under Delivery properties.",
      "Event Grid asks at once whether the endpoint may be used, and Sluice answers.",
    ],
    secret: "The value of `code`, of the header `x-sluice-key`, or the bearer token.",
    notes: ["Event Grid tries for 24 hours unless the subscription says otherwise; give it a dead-letter container."],
  },
  sample: {
    headers: { "content-type": "application/json", "aeg-event-type": "Notification" },
    body: [
      {
        id: "1807",
        topic: "/subscriptions/0000/resourceGroups/crm/providers/Microsoft.EventGrid/topics/customers",
        subject: "customers/C-1042",
        eventType: "Contoso.Customer.Changed",
        eventTime: "2026-11-05T11:59:57Z",
        dataVersion: "1",
        metadataVersion: "1",
        data: { id: "C-1042", email: "ada@example.com" },
      },
    ],
  },
  deadlineMs: 30_000,
};
