import type { SenderRow } from "../sender.ts";
import { signedBody } from "./signed-body.ts";

/** Linear: https://linear.app/developers/webhooks */
export const linear: SenderRow = {
  name: "linear",
  title: "Linear",
  check: signedBody("linear-signature", "hex"),
  event: {
    id: ["{header:linear-delivery}"],
    type: ["{event.type}.{event.action}"],
    // `webhookTimestamp` is the attempt's.
    time: [{ from: "{event.createdAt}", unit: "iso8601" }],
    data: ["{event.data}", "{event}"],
    version: [
      { from: "{event.data.updatedAt}", unit: "iso8601" },
      { from: "{event.createdAt}", unit: "iso8601" },
    ],
    delete: [{ in: "{event.action}", fits: "^remove$" }],
  },
  guide: {
    sources: ["https://linear.app/developers/webhooks"],
    order: "Linear: `updatedAt` is when the record last changed, in milliseconds.",
    surprises: [
      "`webhookTimestamp` is the attempt's.",
      "A removal carries the whole record as it was, with its old `updatedAt`.",
    ],
    steps: [
      "In Linear open Settings, API, Webhooks, and create a webhook.",
      "Paste {url} as its URL and choose the data changes that your mappings use.",
      "Copy the signing secret that the webhook's page shows.",
    ],
    secret: "The webhook's signing secret, as text.",
    notes: [
      "The signature covers the body alone, so a request that somebody recorded could be sent again; its id makes it a duplicate within `dedupe_window`.",
      "A removal carries the whole record as it was.",
    ],
  },
  sample: {
    headers: {
      "content-type": "application/json; charset=utf-8",
      "linear-delivery": "234d1a4e-b617-4388-90fe-adc3633d6b72",
      "linear-event": "Customer",
    },
    body: {
      action: "update",
      type: "Customer",
      createdAt: "2026-11-05T11:59:58.120Z",
      data: {
        id: "2174add1-f7c8-44e3-bbf3-2d60b5ea8bc9",
        name: "Byron Engines",
        domains: ["example.com"],
        updatedAt: "2026-11-05T11:59:58.101Z",
      },
      organizationId: "b1d4d7f9-6f0e-4f0e-9a54-3e0e6f1c9b11",
      webhookTimestamp: 1793879998300,
      webhookId: "000042e3-d123-4980-b49f-8e140eef9329",
    },
  },
};
