import type { SenderRow } from "../sender.ts";
import { QUIET_REPLY } from "./ordinary.ts";

/** The signature headers, one for each active key; any of them is enough. */
const HEADERS = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => `x-docusign-signature-${number}`);

/** Docusign Connect, JSON: https://developers.docusign.com/platform/webhooks/connect/validate */
export const docusign: SenderRow = {
  name: "docusign",
  title: "Docusign Connect",
  check: {
    type: "signature",
    alg: "hmac-sha256",
    key: "utf8",
    sig: { headers: HEADERS, format: "plain", encoding: "base64" },
    content: "{body}",
  },
  event: {
    id: [],
    volatile: ["retryCount"],
    type: ["{event.event}"],
    time: [{ from: "{event.generatedDateTime}", unit: "iso8601" }],
    data: ["{event.data}", "{event}"],
    delete: [{ in: "{event.event}", fits: "^envelope-deleted$" }],
  },
  reply: QUIET_REPLY,
  guide: {
    sources: [
      "https://developers.docusign.com/platform/webhooks/connect/validate",
      "https://developers.docusign.com/platform/webhooks/connect/event-triggers/",
    ],
    order:
      "Docusign: `generatedDateTime` is when the message was made, with seven digits; the envelope has `statusChangedDateTime`.",
    surprises: [
      "Each active key signs in a header of its own, `-1` to `-8`.",
      "Without Include HMAC Signature nothing is signed.",
      "Times have seven digits behind the point.",
    ],
    steps: [
      "In Docusign's administration open Connect, Connect Keys, add a secret key and copy it: it is shown once.",
      "Under Connect add a custom configuration with {url}, the JSON format and the events that your mappings use.",
      "Tick Include HMAC Signature: without it nothing is signed, and every request is refused.",
    ],
    secret: "The Connect key, as text. It looks like base64 and is not decoded.",
    notes: [
      "An event has no id of its own: one is made of its content.",
      "Leave documents out of the messages: with them a body soon has more than the 1 MB that is taken.",
    ],
  },
  sample: {
    headers: { "content-type": "application/json; charset=utf-8", "x-authorization-digest": "HMACSHA256" },
    body: {
      event: "envelope-completed",
      apiVersion: "v2.1",
      retryCount: 0,
      configurationId: 10418598,
      generatedDateTime: "2026-11-05T11:59:58.1200000Z",
      data: {
        accountId: "18b4799a-7d6b-4a73-b1b7-4a1f6f8f1d55",
        envelopeId: "44efc9e6-915e-4b1d-9b54-801410d6922d",
        envelopeSummary: { status: "completed", emailSubject: "Contract of Byron Engines" },
      },
    },
  },
};
