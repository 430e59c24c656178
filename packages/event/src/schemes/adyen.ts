import type { SenderRow } from "../sender.ts";

/** Adyen's platform and management webhooks: one event in a body, all of which is signed. */
export const adyenPlatforms: SenderRow = {
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
    // The next event of a resource differs in more than the time of queueing; a repetition repeats the whole event.
    id: [],
    type: ["{event.type}"],
    time: [
      { from: "{event.timestamp}", unit: "iso8601" },
      { from: "{event.createdAt}", unit: "iso8601" },
    ],
    data: ["{event.data}", "{event}"],
  },
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
      "Payments' standard webhooks sign a few members of each notification instead of the body: those are `adyen`.",
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

/** Adyen's standard webhooks of payments: each notification carries a signature over eight of its members. */
export const adyen: SenderRow = {
  name: "adyen",
  title: "Adyen (payments)",
  check: {
    type: "members",
    at: "notificationItems[].NotificationRequestItem",
    signature: "additionalData.hmacSignature",
    encoding: "base64",
    alg: "hmac-sha256",
    key: "hex",
    content: [
      {
        members: [
          "pspReference",
          "originalReference",
          "merchantAccountCode",
          "merchantReference",
          "amount.value",
          "amount.currency",
          "eventCode",
          "success",
        ],
        optional: ["originalReference", "merchantReference", "amount.value", "amount.currency"],
        absent: "empty",
        as: "{value}",
        // Values are joined as they are, without the escaping that older pages tell of.
        between: ":",
        free: "merchantReference",
      },
    ],
  },
  event: {
    split: { at: "notificationItems" },
    // A notification may come again with another date or reason: it has no id, and is told apart by all that it says.
    id: [],
    volatile: ["NotificationRequestItem.additionalData.hmacSignature"],
    type: ["{event.NotificationRequestItem.eventCode}"],
    time: [{ from: "{event.NotificationRequestItem.eventDate}", unit: "iso8601" }],
    data: ["{event.NotificationRequestItem}"],
  },
  reply: { success: { status: 200, body: { text: "[accepted]", type: "text/plain" } } },
  guide: {
    sources: [
      "https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures",
      "https://docs.adyen.com/development-resources/webhooks/handle-webhook-events",
      "https://docs.adyen.com/development-resources/webhooks/webhook-types",
      "https://github.com/Adyen/adyen-node-api-library/blob/main/src/utils/hmacValidator.ts",
      "https://github.com/Adyen/adyen-python-api-library/issues/117",
    ],
    order:
      "Adyen: `eventDate` is when the event was generated, in whole seconds; it says that events may come twice and in any order.",
    surprises: [
      "Signed are eight members: `pspReference`, `originalReference`, `merchantAccountCode`, `merchantReference`, `amount`, `eventCode` and `success`. Date, reason and the rest could be changed by whoever holds the connection: base nothing of value on them.",
      "`success` is the text `false` where a payment failed: an `AUTHORISATION` alone is no payment.",
      "Amounts are in minor units: 1130 with EUR is 11.30, with JPY 1130.",
      "Values are joined as they are: a colon counts in `merchantReference` alone, and a notification that has one elsewhere is refused.",
      "A refund or capture has a `pspReference` of its own; `originalReference` is the payment's.",
    ],
    steps: [
      "In Adyen's Customer Area open Developers, Webhooks, and create a Standard webhook with {url}, method JSON.",
      "Under Security generate an HMAC key, copy it before you save, and put it into the source's `secrets`.",
      "Map a payment by `data.originalReference ? data.originalReference : data.pspReference`, so that its captures and refunds are the same record.",
    ],
    secret: "The webhook's HMAC key, in hexadecimal digits as Adyen shows it once.",
    notes: [
      "Adyen tries three times at once and then from a queue for up to 30 days, one webhook behind the other.",
      "All notifications of a request must be authentic, or none is taken.",
    ],
  },
  sample: {
    body: {
      live: "false",
      notificationItems: [
        {
          NotificationRequestItem: {
            additionalData: { hmacSignature: "", authCode: "034788" },
            amount: { value: 1130, currency: "EUR" },
            pspReference: "7914073381342284",
            eventCode: "AUTHORISATION",
            eventDate: "2026-11-05T12:59:57+01:00",
            merchantAccountCode: "TestMerchant",
            merchantReference: "TestPayment-1407325143704",
            operations: ["CANCEL", "CAPTURE", "REFUND"],
            paymentMethod: "visa",
            success: "true",
          },
        },
      ],
    },
  },
  deadlineMs: 10_000,
};
