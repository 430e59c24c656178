import type { SenderRow } from "../sender.ts";
import { ORDINARY_LIMITS } from "./ordinary.ts";
import { signedBody } from "./signed-body.ts";

/** ERPNext and all of Frappe: Python's JSON, signed as it stands, without a content type unless one is set. */
export const frappe: SenderRow = {
  name: "frappe",
  title: "ERPNext / Frappe",
  check: signedBody("x-frappe-webhook-signature", "base64"),
  event: {
    id: [],
    type: ["{event.doctype}.{header:x-sluice-event}", "{event.doctype}"],
    time: [{ from: "{event.modified}", unit: "utc" }],
    delete: [{ in: "{header:x-sluice-event}", fits: "^(?:on_trash|after_delete)$" }],
  },
  limits: { ...ORDINARY_LIMITS, methods: ["POST", "PUT", "DELETE"] },
  guide: {
    sources: ["https://github.com/frappe/frappe/blob/develop/frappe/integrations/doctype/webhook/webhook.py"],
    order:
      "Frappe's source: `modified` is when the document was last saved, in microseconds of the site's own time zone.",
    surprises: [
      "The body comes without a Content-Type unless a header is added, and is Python's JSON: blanks behind colons, `\\u00fc` for ü.",
      "`modified` is a local time: in the hour that comes twice in autumn two saves may stand in the wrong order. Set the site to UTC.",
      "A child table that changes does not always save its parent.",
    ],
    steps: [
      "In ERPNext open the Webhook list and add one for each DocType and Doc Event that your mappings use.",
      "Paste {url} as the request URL, choose POST and the request structure JSON.",
      "Add the headers `Content-Type: application/json` and `x-sluice-event` with the Doc Event, such as `on_update` or `on_trash`.",
      "Choose the fields to send, `name`, `doctype` and `modified` among them; tick Enable Security and enter {secret}.",
    ],
    secret: "The webhook secret, as text.",
    notes: [
      "Without Enable Security nothing is signed and every request is refused.",
      "The Doc Event is not part of the body: the header tells deletions apart.",
      "`modified` has no zone and is read as UTC: all of a site's times are shifted alike, so their order holds.",
      "Frappe tries three times within seconds; what fails then is in its Webhook Request Log alone.",
    ],
  },
  sample: {
    headers: { "content-type": "application/json", "x-sluice-event": "on_update" },
    body: {
      doctype: "Customer",
      name: "CUST-0042",
      customer_name: "Müller & Söhne",
      email_id: "ada@example.com",
      modified: "2026-11-05 11:59:57.482113",
    },
  },
  deadlineMs: 5_000,
};
