import type { SenderRow } from "../sender.ts";
import { QUIET_REPLY } from "./ordinary.ts";
import { signedBody } from "./signed-body.ts";

/** Airtable only tells that something changed: the changes are read from its API with a cursor. */
export const airtable: SenderRow = {
  name: "airtable",
  title: "Airtable",
  check: { ...signedBody("x-airtable-content-mac", "hex", "hmac-sha256="), key: "base64" },
  event: {
    id: [],
    type: [],
    time: [{ from: "{event.timestamp}", unit: "iso8601" }],
    thin: "always",
  },
  reply: QUIET_REPLY,
  guide: {
    sources: ["https://airtable.com/developers/web/api/webhooks-overview"],
    order:
      "Nobody for a record: the notification only says that the base changed. Payloads have `baseTransactionNumber`, which grows.",
    surprises: [
      "A notification names no record and no change.",
      "A webhook expires after seven days unless it is refreshed.",
      "The secret is base64 and is decoded; the signature is hexadecimal.",
    ],
    steps: [
      "Create the webhook with Airtable's API: `POST /v0/bases/BASE/webhooks` with {url} as `notificationUrl`.",
      "The answer has `macSecretBase64`: put it into the source's `secrets`.",
      "Refresh the webhook at least every seven days: `POST /v0/bases/BASE/webhooks/ID/refresh`.",
    ],
    secret: "`macSecretBase64` of the answer, base64. It is decoded.",
    notes: ["A notification says only that something changed in the base: have the payloads fetched with `fetch`."],
  },
  sample: {
    body: {
      base: { id: "appXXXXXXXXXXXXXX" },
      webhook: { id: "achYYYYYYYYYYYYYY" },
      timestamp: "2026-11-05T11:59:57.412Z",
    },
  },
};
