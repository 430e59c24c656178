import type { SenderRow } from "../sender.ts";
import { signedBody } from "./signed-body.ts";

/** Typeform signs with base64 after `sha256=`, where others write hex. */
export const typeform: SenderRow = {
  name: "typeform",
  title: "Typeform",
  check: signedBody("typeform-signature", "base64", "sha256="),
  event: {
    id: ["{event.event_id}"],
    type: ["{event.event_type}"],
    time: [{ from: "{event.form_response.submitted_at}", unit: "iso8601" }],
    data: ["{event.form_response}", "{event}"],
  },
  guide: {
    sources: [
      "https://www.typeform.com/developers/webhooks/secure-your-webhooks/",
      "https://www.typeform.com/developers/webhooks/example-payload/",
    ],
    order:
      "Typeform: `submitted_at` is when the answers were sent. A response does not change, so nothing has to order it.",
    surprises: [
      "The signature is base64 behind `sha256=`, where others write hexadecimal digits.",
      "A question that was not answered is missing in `answers`.",
    ],
    steps: [
      "In Typeform open the form's Connect, Webhooks, and add a webhook with {url}.",
      "Edit it, enter {secret} as its secret, and switch it on: it is made switched off.",
    ],
    secret: "The webhook's secret, as text.",
    notes: [
      "Answers stand in `data.answers`, each with the id and reference of its field: `data.answers[field.ref = 'email'].email`.",
      "A response is sent once and never changes, so nothing has to order it.",
    ],
  },
  sample: {
    body: {
      event_id: "LtWXD3crgy",
      event_type: "form_response",
      form_response: {
        form_id: "lT4Z3j",
        token: "a3a12ec67a1365927098a606107fac15",
        submitted_at: "2026-11-05T11:59:57Z",
        landed_at: "2026-11-05T11:58:12Z",
        answers: [
          { type: "email", email: "ada@example.com", field: { id: "SMEUb7VJz92Q", type: "email", ref: "email" } },
        ],
      },
    },
  },
};
