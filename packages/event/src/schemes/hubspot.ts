import { HUBSPOT_FETCH, HUBSPOT_PRESETS, HUBSPOT_SOURCES } from "../presets/hubspot.ts";
import type { SignatureCheck } from "../scheme.ts";
import type { SenderRow } from "../sender.ts";
import { ORDINARY_LIMITS } from "./ordinary.ts";

const V3: SignatureCheck = {
  type: "signature",
  alg: "hmac-sha256",
  key: "utf8",
  sig: { headers: ["x-hubspot-signature-v3"], format: "plain", encoding: "base64" },
  content: "{method}{url:hubspot-decoded}{body}{ts}",
  ts: { header: "x-hubspot-request-timestamp", unit: "ms", toleranceSec: 300 },
};

/** A plain hash with the secret in front. Requests that carry v3 as well are judged by v3. */
const V1: SignatureCheck = {
  type: "signature",
  alg: "sha256",
  key: "utf8",
  sig: { headers: ["x-hubspot-signature"], format: "plain", encoding: "hex" },
  content: "{secret}{body}",
  stronger: V3,
};

/** HubSpot app webhooks, signed with v3: arrays of up to 100 events. The signature covers the URL too. */
export const hubspotV3: SenderRow = {
  presets: HUBSPOT_PRESETS,
  presetSources: HUBSPOT_SOURCES,
  fetch: HUBSPOT_FETCH,
  name: "hubspot-v3",
  title: "HubSpot (v3 signatures)",
  check: V3,
  event: {
    split: "many",
    // A merge names all records that were merged away.
    each: { at: "mergedObjectIds", otherwise: "one" },
    // HubSpot's eventId alone is not unique. Associations and merges have no objectId.
    id: [
      "{event.portalId}:{event.subscriptionId}:{event.eventId}:{event.primaryObjectId}:{each}:{event.occurredAt}",
      "{event.portalId}:{event.subscriptionId}:{event.eventId}:{event.objectId}:{event.occurredAt}",
      "{event.portalId}:{event.subscriptionId}:{event.eventId}:{event.fromObjectId}-{event.toObjectId}:{event.occurredAt}",
      "{event.portalId}:{event.subscriptionId}:{event.eventId}:{event.primaryObjectId}:{event.occurredAt}",
    ],
    volatile: ["attemptNumber"],
    type: ["{event.subscriptionType}"],
    time: [{ from: "{event.occurredAt}", unit: "ms" }],
    delete: [{ in: "{event.subscriptionType}", fits: "\\.(?:deletion|privacyDeletion)$" }],
    // A creation carries the object's id alone; a change carries its one property.
    thin: [{ in: "{event.subscriptionType}", fits: "\\.(?:creation|merge|restore)$" }],
  },
  guide: {
    sources: [
      "https://developers.hubspot.com/docs/api/webhooks",
      "https://developers.hubspot.com/docs/api/webhooks/validating-requests",
    ],
    order:
      "HubSpot: `occurredAt` is when the change happened. It says itself that notifications may come in any order.",
    surprises: [
      "`eventId` is not unique by itself: two subscriptions, or two days, may share one.",
      "Generic subscriptions call it `object.propertyChange` with `objectTypeId`, and not `contact.propertyChange`: apps of the newer kind send nothing else.",
      "A property that was emptied comes as an empty text, never as null.",
      "HubSpot signs the URL with some of its escapes undone: `public_url` has to be the address as it was registered.",
    ],
    steps: [
      "In HubSpot open your developer account's app and choose Webhooks.",
      "Paste {url} as the target URL, and set it as `public_url` of the source: HubSpot signs it.",
      "Create a subscription for each object: creation, deletion, and the properties that your mappings use. Activate them.",
      "Copy the app's client secret from its Auth tab.",
    ],
    secret: "The app's client secret, as text.",
    notes: [
      "HubSpot tries 10 times in 24 hours after any answer other than a 2xx, and after 5 seconds of silence.",
      "Generic subscriptions (`object.propertyChange` with `objectTypeId`), which project-built apps have, mean what those of one object mean.",
      "A merge deletes the records that were merged away. A record that is restored comes with its id alone: with a `fetch` the preset asks for it, and without one it has no values until they change.",
      "A property's change carries that property alone: map each to its field, or fetch the object.",
      "Behind a proxy that ends TLS `public_url` must be the https address that HubSpot calls.",
    ],
  },
  sample: {
    body: [
      {
        eventId: 3816279340,
        subscriptionId: 25,
        portalId: 33,
        appId: 1160452,
        occurredAt: 1793879997311,
        subscriptionType: "contact.propertyChange",
        attemptNumber: 0,
        objectId: 1246965,
        propertyName: "email",
        propertyValue: "ada@example.com",
        changeSource: "CRM_UI",
      },
      {
        eventId: 3816279480,
        subscriptionId: 26,
        portalId: 33,
        appId: 1160452,
        occurredAt: 1793879998002,
        subscriptionType: "contact.deletion",
        attemptNumber: 0,
        objectId: 1246978,
        changeFlag: "DELETED",
        changeSource: "CRM_UI",
      },
    ],
  },
  deadlineMs: 5_000,
};

/** HubSpot's oldest signature, which its apps send as well: over the body alone and without a time. */
export const hubspotV1: SenderRow = {
  ...hubspotV3,
  name: "hubspot-v1",
  title: "HubSpot (v1 signatures)",
  check: V1,
  guide: {
    ...hubspotV3.guide,
    notes: [
      ...hubspotV3.guide.notes,
      "A v1 signature has no time and can be replayed: use `hubspot-v3` unless the app sends nothing else.",
    ],
  },
};

/** Workflow webhooks and cards. Workflows honour a 429, with Retry-After in milliseconds. */
export const hubspotV2: SenderRow = {
  ...hubspotV3,
  presets: [],
  name: "hubspot-v2",
  title: "HubSpot (v2 signatures: workflows)",
  check: { ...V1, content: "{secret}{method}{url}{body}" },
  event: {
    ...hubspotV3.event,
    id: [...hubspotV3.event.id, "{header:x-hubspot-correlation-id}"],
    time: [...hubspotV3.event.time, { from: "{event.properties.hs_lastmodifieddate.value}", unit: "ms" }],
  },
  reply: { overload: { status: 429, retryAfter: "milliseconds" } },
  limits: { ...ORDINARY_LIMITS, methods: ["POST", "GET"] },
  guide: {
    ...hubspotV3.guide,
    sources: [
      "https://developers.hubspot.com/docs/api/webhooks/validating-requests",
      "https://knowledge.hubspot.com/workflows/how-do-i-use-webhooks-with-hubspot-workflows",
    ],
    order:
      "HubSpot: `hs_lastmodifieddate` is when the record last changed; a workflow sends when its step comes, not when the record changes.",
    surprises: [
      "The signature is a plain hash with the secret in front, no HMAC.",
      "A Retry-After is read in milliseconds.",
    ],
    steps: [
      "In HubSpot open the workflow and add the action Send a webhook, with the method POST.",
      "Paste {url}, and set it as `public_url` of the source: HubSpot signs it.",
      "Choose to authenticate with the request signature of your app, and copy that app's client secret.",
    ],
    notes: [
      "A workflow's webhook is not tried again after a 4xx other than 429; Sluice answers 429 while it can't store.",
      "Behind a proxy that ends TLS `public_url` must be the https address that HubSpot calls.",
    ],
  },
};
