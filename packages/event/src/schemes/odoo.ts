import { ODOO_PRESETS, ODOO_SOURCES } from "../presets/odoo.ts";
import type { SenderRow } from "../sender.ts";
import { QUIET_REPLY } from "./ordinary.ts";

/** Odoo's automation rules: no authentication, one second, no repetition. */
export const odoo: SenderRow = {
  presets: ODOO_PRESETS,
  presetSources: ODOO_SOURCES,
  name: "odoo-url-secret",
  title: "Odoo",
  check: { type: "token", from: "query:k" },
  event: {
    id: [],
    type: ["{event._model}.{query:op}", "{event._model}"],
    time: [{ from: "{event.write_date}", unit: "utc" }],
    delete: [{ in: "{query:op}", fits: "^(?:delete|unlink)$" }],
  },
  reply: QUIET_REPLY,
  guide: {
    sources: ["https://github.com/odoo/odoo/blob/18.0/odoo/addons/base/models/ir_actions.py"],
    order: "Odoo's source: `write_date` is the time of the transaction that last wrote the record, in microseconds.",
    surprises: [
      "An empty field is false, also where it is a text or a date: the preset clears it.",
      "`write_date` comes only if it is among the selected fields; without it arrival orders.",
      "Odoo waits for one second and does not try again.",
      "All changes of one transaction have one `write_date`.",
    ],
    steps: [
      "In Odoo switch on the developer mode and open Settings, Technical, Automation Rules; add a rule for the model.",
      "As trigger choose On save; as action Send Webhook Notification with {url}?k={secret}.",
      "Select the fields that your mappings use, Last Updated on (`write_date`) among them.",
      "Add a second rule with the trigger On deletion and {url}?k={secret}&op=delete.",
    ],
    secret: "The value of `k` in the URL: a long random text of your own.",
    notes: [
      "The secret stands in the URL alone, and nothing is signed: keep URLs out of the logs of your proxies.",
      "Odoo waits for one second and never tries again: what fails is lost. Keep Sluice near, and reconcile now and then.",
      "Older versions send before the transaction ends and may announce a change that never came to be.",
    ],
  },
  sample: {
    query: "?op=update",
    body: {
      _action: "Sluice push(#512)",
      _id: 14,
      _model: "res.partner",
      email: "ada@example.com",
      id: 14,
      name: "Ada Byron",
      write_date: "2026-11-05 11:59:57.482113",
    },
  },
  deadlineMs: 1_000,
};
