import type { Scheme } from "../scheme.ts";
import { ORDINARY_LIMITS, ORDINARY_REPLY } from "./ordinary.ts";

/** HubSpot app webhooks, signed with v3: arrays of up to 100 events. The URL is part of what is signed. */
export const hubspotV3: Scheme = {
  name: "hubspot-v3",
  title: "HubSpot (v3 signatures)",
  check: {
    type: "signature",
    alg: "hmac-sha256",
    key: "utf8",
    sig: { headers: ["x-hubspot-signature-v3"], format: "plain", encoding: "base64" },
    content: "{method}{url:hubspot-decoded}{body}{ts}",
    ts: { header: "x-hubspot-request-timestamp", unit: "ms", toleranceSec: 300 },
  },
  event: {
    split: "many",
    // HubSpot's eventId alone is not unique. Associations and merges have no objectId.
    id: [
      "{event.portalId}:{event.subscriptionId}:{event.eventId}:{event.objectId}:{event.occurredAt}",
      "{event.portalId}:{event.subscriptionId}:{event.eventId}:{event.fromObjectId}-{event.toObjectId}:{event.occurredAt}",
      "{event.portalId}:{event.subscriptionId}:{event.eventId}:{event.primaryObjectId}:{event.occurredAt}",
    ],
    type: ["{event.subscriptionType}"],
    time: [{ from: "{event.occurredAt}", unit: "ms" }],
    data: ["{event}"],
  },
  reply: ORDINARY_REPLY,
  limits: ORDINARY_LIMITS,
};
