import { LIMITS } from "../limits.ts";
import type { SenderRow } from "../sender.ts";
import { ORDINARY_LIMITS } from "./ordinary.ts";

/** Adobe I/O Events: two signatures with two published key pairs, of which one good one is enough. */
export const adobeIoEvents: SenderRow = {
  name: "adobe-io-events",
  title: "Adobe I/O Events",
  check: {
    type: "signature",
    alg: "rsa-sha256",
    key: "pem-bundle",
    sig: {
      headers: ["x-adobe-digital-signature-1", "x-adobe-digital-signature-2"],
      format: "plain",
      encoding: "base64",
    },
    content: "{body}",
    // The path comes with the request, before anything is proved: it leads to Adobe's keys and nowhere else.
    remote: {
      host: "static.adobeioevents.com",
      pathHeaders: ["x-adobe-public-key1-path", "x-adobe-public-key2-path"],
      pathPattern: "/prod/keys/pub-key-[A-Za-z0-9-]{1,64}\\.pem",
      recipient: "recipientclientid",
    },
  },
  handshakes: [
    { kind: "query-echo-json", param: "challenge", as: "application/json" },
    { kind: "validation-url", field: "validationUrl", host: "csm.adobe.io" },
  ],
  event: {
    split: "many",
    id: ["{event.eventid}", "{header:x-adobe-event-id}"],
    type: ["{event.type}"],
    time: [
      { from: "{event.data.value.updated_at}", unit: "utc" },
      { from: "{event.time}", unit: "iso8601" },
    ],
    finer: [{ from: "{event.time}", unit: "iso8601" }],
    data: ["{event.data.value}", "{event.data}", "{event}"],
    delete: [{ in: "{event.type}", fits: "_delete_" }],
  },
  reply: { success: { status: 200, body: "none" }, overload: { status: 429, retryAfter: "seconds" } },
  limits: { ...ORDINARY_LIMITS, bodyBytes: LIMITS.largeBodyBytes },
  guide: {
    sources: ["https://developer.adobe.com/events/docs/guides/"],
    order:
      "Adobe: `updated_at` is Commerce's own, in whole seconds; `time` is the event's and breaks ties. It says that events may come twice and in any order.",
    surprises: [
      "The path to the key comes with the request, before anything is proved: host and shape are pinned.",
      "Every value of `data.value` may be a text, also numbers.",
    ],
    steps: [
      "In the Adobe Developer Console open your project and add events to it.",
      "As delivery method choose Webhook, one by one or batch, and paste {url}: Adobe asks at once, and Sluice answers.",
      "Copy the client id of the project's credential into the source's `secrets`.",
    ],
    secret:
      "The client id of the project: keys are then fetched from Adobe, kept for a day and events for other projects refused. Or the public keys themselves, as PEM.",
    notes: [
      "The first events after a start may be answered with 429, until Adobe's keys have been fetched; Adobe sends them again.",
      "Adobe tries for 24 hours after a 429 or 5xx and drops at anything else; its journal keeps seven days.",
    ],
  },
  sample: {
    headers: {
      "content-type": "application/json; charset=utf-8",
      "x-adobe-delivery-id": "d-1",
      "x-adobe-event-id": "8927ce83-2f10-4df9-9eb4-09c381bc4778",
      "x-adobe-public-key1-path": "/prod/keys/pub-key-aaaa.pem",
      "x-adobe-public-key2-path": "/prod/keys/pub-key-bbbb.pem",
    },
    body: {
      specversion: "1.0",
      id: "ca67f792-f56e-45f3-ba7c-7c97302bcc00",
      source: "urn:uuid:e763142d-0439-4022-abeb-000000000000",
      type: "com.adobe.commerce.observer.customer_save_commit_after",
      time: "2026-11-05T11:59:57.000Z",
      datacontenttype: "application/json",
      eventid: "8927ce83-2f10-4df9-9eb4-09c381bc4778",
      recipientclientid: "c5a34355b7f5491f8277b8dd63f0bfa3",
      data: { value: { entity_id: "42", email: "ada@example.com", updated_at: "2026-11-05 11:59:56" } },
    },
  },
  deadlineMs: 10_000,
};

/** Adobe Commerce's webhooks: gates that hold up the shop, which wants an operation as its answer. */
export const adobeCommerce: SenderRow = {
  name: "adobe-commerce-webhooks",
  title: "Adobe Commerce webhooks",
  check: {
    type: "signature",
    alg: "rsa-sha256",
    key: "pem-bundle",
    sig: { headers: ["x-adobe-commerce-webhook-signature"], format: "plain", encoding: "base64" },
    content: "{body:base64}",
  },
  event: {
    id: [],
    type: ["{header:x-adobe-commerce-webhook-id}"],
    time: [
      { from: "{event.customer.updated_at}", unit: "utc" },
      { from: "{event.product.updated_at}", unit: "utc" },
      { from: "{event.order.updated_at}", unit: "utc" },
    ],
  },
  reply: { success: { status: 200, body: { text: '{"op":"success"}', type: "application/json" } } },
  guide: {
    sources: ["https://developer.adobe.com/commerce/extensibility/webhooks/"],
    order: "Commerce: `updated_at` is when the entity was last saved, in whole seconds.",
    surprises: [
      "The signature is of base64 of the body, not of the body.",
      "The shop waits for the answer, which must be an operation in JSON.",
    ],
    steps: [
      "In the Commerce Admin open System, Webhooks Subscriptions, and register a webhook for the method, type after.",
      "Paste {url}, method POST, and select the fields that your mappings use.",
      "Under Stores, Configuration, Adobe Services, Webhooks enable the digital signature and copy the public key.",
    ],
    secret: "The public key of the digital signature, as PEM.",
    notes: [
      "These webhooks stand in the way of the shop: when Sluice is away the customer waits. Prefer Adobe I/O Events.",
      "A new key ends the old one at once.",
    ],
  },
  sample: {
    body: { customer: { entity_id: 42, email: "ada@example.com", updated_at: "2026-11-05 11:59:56" } },
  },
  deadlineMs: 2_000,
};
