import type { SignatureCheck } from "../scheme.ts";
import type { SenderRow } from "../sender.ts";
import { ORDINARY_LIMITS } from "./ordinary.ts";

const CHECK: SignatureCheck = {
  type: "signature",
  alg: "hmac-sha256",
  // The secret looks like base64 and is text.
  key: "utf8",
  sig: { headers: ["x-zendesk-webhook-signature"], format: "plain", encoding: "base64" },
  content: "{ts}{body}",
  ts: { header: "x-zendesk-webhook-signature-timestamp", unit: "iso8601", toleranceSec: 300 },
};

/** Zendesk's webhooks: events with a fixed body, or triggers with any method, body or none. */
export const zendesk: SenderRow = {
  name: "zendesk",
  title: "Zendesk",
  check: CHECK,
  body: "form",
  event: {
    // The body of a trigger's webhook is the operator's: an `id` there is the ticket's and no event's.
    id: ["{?event.zendesk_event_version}{event.id}", "{header:x-zendesk-webhook-invocation-id}"],
    type: ["{event.type}"],
    // The time of the signature is the attempt's.
    time: [{ from: "{event.time}", unit: "iso8601" }],
    data: ["{event.detail}", "{event}"],
    version: [{ from: "{event.detail.updated_at}", unit: "iso8601" }],
    delete: [{ in: "{event.type}", fits: "[.:](?:deleted|permanently_deleted|soft_deleted)$" }],
    emptyBody: true,
  },
  limits: { ...ORDINARY_LIMITS, methods: ["POST", "PUT", "PATCH", "DELETE", "GET"] },
  guide: {
    sources: [
      "https://developer.zendesk.com/documentation/webhooks/verifying/",
      "https://developer.zendesk.com/documentation/webhooks/anatomy-of-a-webhook-request/",
    ],
    order:
      "Zendesk: `detail.updated_at` is when the record last changed, in whole seconds. A trigger's body has the order that its author writes.",
    surprises: [
      "The secret looks like base64 and is used as text.",
      "The time in the signature's header is the attempt's.",
      "`id` in a trigger's body is the ticket's and no event's.",
    ],
    steps: [
      "In Zendesk's Admin Center open Apps and integrations, Actions and webhooks, and create a webhook.",
      "Subscribe it to the Zendesk events that your mappings use, or choose trigger or automation; paste {url}, method POST, format JSON.",
      "Open the webhook and reveal its signing secret.",
    ],
    secret: "The webhook's signing secret, as text. Each webhook has its own.",
    notes: [
      "What a trigger or automation sends has no time of its own: put `updated_at` into its JSON and order by that, or by arrival.",
      "Changes of custom objects come through object triggers alone.",
      "Where Sluice writes to the same Zendesk, leave out in `when` what its own agent changed: it would go round in circles.",
      "Above 70 % of errors in five minutes Zendesk pauses the webhook.",
    ],
  },
  sample: {
    headers: {
      "content-type": "application/json; charset=utf-8",
      "x-zendesk-account-id": "22129848",
      "x-zendesk-webhook-id": "01G0000000000000000000000",
      "x-zendesk-webhook-invocation-id": "01G0000000000000000000001",
    },
    body: {
      account_id: 22129848,
      id: "2b24ef10-19d3-4740-93cf-8f98ec4776c0",
      type: "zen:event-type:user.name_changed",
      time: "2026-11-05T11:59:58Z",
      subject: "zen:user:4992781",
      detail: { id: "4992781", email: "ada@example.com", updated_at: "2026-11-05T11:59:57Z" },
      event: { current: "Ada Byron", previous: "Ada King" },
      zendesk_event_version: "2022-06-20",
    },
  },
  deadlineMs: 10_000,
};

/** The order of signed parts that Zendesk documented in 2021 and no longer uses: a check of the engine, not for new sources. */
export const zendesk2021: SenderRow = {
  ...zendesk,
  name: "zendesk-2021-body-first",
  title: "Zendesk (as documented in 2021)",
  check: { ...CHECK, content: "{body}{ts}" },
};
