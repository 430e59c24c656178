import type { SignatureCheck } from "../scheme.ts";
import type { Guide, SampleRequest, SenderRow } from "../sender.ts";

/** The signature of Standard Webhooks, over the message's id and time with the body. https://www.standardwebhooks.com */
export const STANDARD_CHECK: SignatureCheck = {
  type: "signature",
  alg: "hmac-sha256",
  key: "base64",
  keyPrefix: "whsec_",
  sig: { headers: ["webhook-signature"], format: "versioned", version: "v1", encoding: "base64" },
  content: "{header:webhook-id}.{ts}.{body}",
  ts: { header: "webhook-timestamp", unit: "s", toleranceSec: 300 },
  required: ["webhook-id"],
};

const GUIDE: Guide = {
  sources: ["https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md"],
  order: "The specification: `timestamp` in the body is when the event happened. It promises no order of deliveries.",
  surprises: [
    "The header `webhook-timestamp` is the attempt's: a repetition has a newer one than the event that came after the first try.",
    "A secret with `whsec_` is base64 of the key, and some senders sign with its text all the same.",
  ],
  steps: [
    "Open the sender's webhook settings and add an endpoint.",
    "Paste {url} as its address and choose the events that your mappings use.",
    "Copy the signing secret that the sender shows for this endpoint.",
  ],
  secret: "The endpoint's signing secret, `whsec_` and base64, as the sender shows it.",
  notes: [
    "Some senders sign with the text of the secret, `whsec_` and all, instead of the bytes that it stands for: where every request is refused as wrongly signed, put base64 of that whole text under `secrets`.",
    "While the sender rotates its secret it signs with both; list both under `secrets`, too, and nothing is refused.",
    "An event whose body has no `timestamp` has no time, since the header's is the attempt's: order its mapping by a version in `data`, or by arrival.",
    "A request older or newer than five minutes is refused: the sender's clock and yours must agree.",
    "The sender should try again for about a day; Sluice answers 503 with Retry-After while it can't store.",
  ],
};

const SAMPLE: SampleRequest = {
  headers: { "content-type": "application/json", "webhook-id": "msg_2mXjWqZ0aSluice000001" },
  body: {
    type: "contact.updated",
    timestamp: "2026-11-05T11:59:58.120Z",
    data: { id: "C-1042", version: 17, email: "ada@example.com", name: "Ada Byron" },
  },
};

/** Standard Webhooks, symmetric (v1): https://www.standardwebhooks.com */
export const standardWebhooks: SenderRow = {
  name: "standard-webhooks",
  title: "Standard Webhooks (v1)",
  check: STANDARD_CHECK,
  event: {
    id: ["{header:webhook-id}"],
    type: ["{event.type}"],
    // The body's time is the event's; the header's is the attempt's and orders nothing.
    time: [{ from: "{event.timestamp}", unit: "iso8601" }],
    data: ["{event.data}", "{event}"],
    delete: [{ in: "{event.type}", fits: "\\.(?:deleted|removed)$" }],
  },
  guide: GUIDE,
  sample: SAMPLE,
  deadlineMs: 15_000,
};

/** Standard Webhooks, asymmetric (v1a): the sender keeps the only key that can sign. */
export const standardWebhooksEd25519: SenderRow = {
  ...standardWebhooks,
  name: "standard-webhooks-ed25519",
  title: "Standard Webhooks (v1a, Ed25519)",
  check: {
    ...STANDARD_CHECK,
    alg: "ed25519",
    keyPrefix: "whpk_",
    sig: { ...STANDARD_CHECK.sig, version: "v1a" },
  },
  guide: { ...GUIDE, secret: "The endpoint's public key, `whpk_` and base64. It is no secret: it only verifies." },
};

/** Svix under its own header names. */
export const svix: SenderRow = {
  ...standardWebhooks,
  name: "svix",
  title: "Svix",
  check: {
    ...STANDARD_CHECK,
    sig: { ...STANDARD_CHECK.sig, headers: ["svix-signature"] },
    content: "{header:svix-id}.{ts}.{body}",
    ts: { header: "svix-timestamp", unit: "s", toleranceSec: 300 },
    required: ["svix-id"],
    // Svix' own library takes both spellings.
    stronger: STANDARD_CHECK,
  },
  event: { ...standardWebhooks.event, id: ["{header:svix-id}", "{header:webhook-id}"] },
  guide: {
    ...GUIDE,
    sources: [
      "https://docs.svix.com/receiving/verifying-payloads/how-manual",
      "https://docs.svix.com/receiving/verifying-payloads/why",
    ],
    order:
      "Nobody: the body is the application's own, and Svix orders no deliveries. Where the application writes `timestamp`, that is the event's time.",
    surprises: [
      "The same application may send `svix-*` or `webhook-*` headers: both are read.",
      "`svix-timestamp` is the attempt's and orders nothing.",
    ],
    steps: [
      "In the sender's application portal, which is Svix's, choose Endpoints, then Add Endpoint.",
      "Paste {url} as the endpoint's URL and subscribe to the events that your mappings use.",
      "Open the new endpoint and copy its Signing Secret.",
    ],
  },
  sample: { ...SAMPLE, headers: { "content-type": "application/json", "svix-id": "msg_2mXjWqZ0aSluice000002" } },
};
