import type { Sender } from "../sender.ts";
import { ORDINARY_LIMITS, ORDINARY_REPLY } from "./ordinary.ts";

/** Adyen's platform and management webhooks: one event in a body, all of which is signed. */
export const adyenPlatforms: Sender = {
  name: "adyen-platforms",
  title: "Adyen (platforms and management)",
  check: {
    type: "signature",
    alg: "hmac-sha256",
    key: "hex",
    sig: { headers: ["hmacsignature"], format: "plain", encoding: "base64" },
    content: "{body}",
  },
  event: {
    split: "one",
    // The next event of a resource differs in more than the time of queueing; a repetition repeats the whole event.
    id: [],
    type: ["{event.type}"],
    time: [
      { from: "{event.timestamp}", unit: "iso8601" },
      { from: "{event.createdAt}", unit: "iso8601" },
    ],
    data: ["{event.data}", "{event}"],
  },
  reply: ORDINARY_REPLY,
  limits: ORDINARY_LIMITS,
  guide: {
    sources: [
      "https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures",
      "https://docs.adyen.com/development-resources/webhooks/handle-webhook-events",
      "https://docs.adyen.com/development-resources/webhooks/troubleshoot",
      "https://github.com/Adyen/adyen-node-api-library/blob/main/src/utils/hmacValidator.ts",
    ],
    order:
      "Adyen for transfers alone: `sequenceNumber` counts up for each transfer and restores their order; write it as the version there. `timestamp`, and `createdAt` of management webhooks, say when an event was queued, and are no promise.",
    surprises: [
      "The key is written in hexadecimal digits, the signature in base64.",
      "Payments' standard webhooks sign a few members of each notification in the body instead of all of it: those are another kind, and this scheme does not read them.",
      "Test and live have a key each, and so has each endpoint.",
    ],
    steps: [
      "In Adyen's Customer Area open Developers, Webhooks, and create a webhook of a platform's kind, such as Transfer or Configuration, with {url}.",
      "Under Security generate an HMAC key, copy it before you save, and put it into the source's `secrets`.",
    ],
    secret: "The webhook's HMAC key, in hexadecimal digits as Adyen shows it once.",
    notes: ["Adyen tries three times at once and then from a queue for up to 30 days, one webhook behind the other."],
  },
  sample: {
    headers: { "content-type": "application/json" },
    body: {
      data: {
        balancePlatform: "YOUR_BALANCE_PLATFORM",
        id: "1WEPGD5U6MS1CFK3",
        category: "bank",
        status: "authorised",
        sequenceNumber: 2,
        amount: { currency: "EUR", value: 22700 },
        accountHolder: { id: "AH32272223222B5CM4MWJ892H" },
        balanceAccount: { id: "BA32272223222B5CM82WL892M" },
      },
      environment: "test",
      timestamp: "2026-11-05T12:59:57+01:00",
      type: "balancePlatform.transfer.updated",
    },
  },
  deadlineMs: 10_000,
};
