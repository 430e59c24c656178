import type { Scheme } from "../scheme.ts";
import { ORDINARY_LIMITS, ORDINARY_REPLY } from "./ordinary.ts";

/** Standard Webhooks, symmetric (v1): https://www.standardwebhooks.com */
export const standardWebhooks: Scheme = {
  name: "standard-webhooks",
  title: "Standard Webhooks (v1)",
  check: {
    type: "signature",
    alg: "hmac-sha256",
    key: "base64",
    keyPrefix: "whsec_",
    sig: { headers: ["webhook-signature"], format: "versioned", version: "v1", encoding: "base64" },
    content: "{header:webhook-id}.{ts}.{body}",
    ts: { header: "webhook-timestamp", unit: "s", toleranceSec: 300 },
    required: ["webhook-id"],
  },
  event: {
    split: "one",
    id: ["{header:webhook-id}"],
    type: ["{event.type}"],
    // The body's time is the event's; the header's is the attempt's.
    time: [
      { from: "{event.timestamp}", unit: "iso8601" },
      { from: "{header:webhook-timestamp}", unit: "s" },
    ],
    data: ["{event.data}", "{event}"],
  },
  reply: ORDINARY_REPLY,
  limits: ORDINARY_LIMITS,
};
