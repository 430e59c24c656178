import { LIMITS } from "../limits.ts";
import type { SenderRow } from "../sender.ts";
import { ORDINARY_LIMITS } from "./ordinary.ts";
import { signedBody } from "./signed-body.ts";

export const github: SenderRow = {
  name: "github",
  title: "GitHub",
  check: signedBody("x-hub-signature-256", "hex", "sha256="),
  body: "form",
  event: {
    id: ["{header:x-github-delivery}"],
    type: ["{header:x-github-event}.{event.action}", "{header:x-github-event}"],
    time: [
      { from: "{event.issue.updated_at}", unit: "iso8601" },
      { from: "{event.pull_request.updated_at}", unit: "iso8601" },
      { from: "{event.repository.updated_at}", unit: "iso8601" },
    ],
    delete: [{ in: "{event.action}", fits: "^deleted$" }],
  },
  limits: { ...ORDINARY_LIMITS, bodyBytes: LIMITS.hugeBodyBytes },
  guide: {
    sources: [
      "https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries",
      "https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks",
    ],
    order:
      "GitHub: `updated_at` of the issue, pull request or repository, in whole seconds. It says that deliveries may come in another order than events took place.",
    surprises: [
      "Nothing is tried again by itself.",
      "A form-encoded delivery has the JSON in the field `payload`.",
      "An event of an organisation carries the repository as well: the more specific `updated_at` counts.",
    ],
    steps: [
      "In the repository or organisation open Settings, Webhooks, and add a webhook.",
      "Paste {url} as the payload URL, choose application/json and enter {secret} as the secret.",
      "Choose the individual events that your mappings use.",
    ],
    secret: "The webhook's secret, as text.",
    notes: [
      "GitHub does not try again by itself; a delivery can be sent again by hand, with the same id.",
      "The SHA-1 signature that GitHub still sends does not count.",
    ],
  },
  sample: {
    headers: {
      "content-type": "application/json",
      "x-github-event": "issues",
      "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
      "x-github-hook-id": "292430182",
    },
    body: {
      action: "edited",
      issue: { id: 73464126, number: 1, title: "Spelling error", updated_at: "2026-11-05T11:59:57Z" },
      repository: { id: 35129377, full_name: "acme/engine" },
    },
  },
  deadlineMs: 10_000,
};
