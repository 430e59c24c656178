import { SERVICENOW_PRESETS, SERVICENOW_SOURCES } from "../presets/servicenow.ts";
import type { SenderRow } from "../sender.ts";
import { GENERIC_HMAC_DEFAULTS, genericHmac } from "./generic-hmac.ts";
import { GENERIC_SAMPLE, ORDINARY_EVENT, QUIET_REPLY } from "./ordinary.ts";
import { SERVICENOW_SCRIPT } from "./servicenow-script.ts";

/** ServiceNow has no webhooks of its own: a business rule signs and sends. */
export const servicenow: SenderRow = {
  presets: SERVICENOW_PRESETS,
  presetSources: SERVICENOW_SOURCES,
  ...genericHmac("servicenow", "ServiceNow (business rule)", {
    ...GENERIC_HMAC_DEFAULTS,
    encoding: "base64",
    timestamp: { header: "x-sluice-timestamp", unit: "s", toleranceSeconds: 300 },
    content: "{ts}.{body}",
  }),
  event: {
    ...ORDINARY_EVENT,
    time: [{ from: "{event.last_modified}", unit: "iso8601" }],
    // Two updates may share the record's own second; the time at which the rule ran tells them apart.
    finer: [
      { from: "{event.occurred_at}", unit: "iso8601" },
      { from: "{event.last_modified}", unit: "iso8601" },
    ],
  },
  reply: QUIET_REPLY,
  guide: {
    sources: [
      "https://www.servicenow.com/docs/r/api-reference/server-api-reference/c_GlideCertificateEncryptionAPI.html",
      "https://www.servicenow.com/docs/r/api-reference/web-services/c_ScriptingOutboundREST.html",
    ],
    order:
      "ServiceNow: `sys_updated_on` is when the record was last updated, in whole seconds; the rule's own `occurred_at` has milliseconds and breaks ties.",
    surprises: [
      "An update for which somebody called `setWorkflow(false)` or `autoSysFields(false)` runs no rule, or does not move `sys_updated_on`.",
      "`getValue` gives every field as a text, and null for an empty one: `active` is the text `1`.",
      "A merge or an import set may update a record several times within one second.",
      "References are sys_ids: the account of a contact is the key of another record, not its name.",
    ],
    steps: [
      "In ServiceNow create the system property `sluice.secret`, of the type password2, with the value {secret}.",
      "Create a business rule for each table, when: after, for insert, update and delete, advanced, with the script below; change the fields that it reads to those of your mappings.",
      "In a scoped application the rule runs as it is; in the global scope write `GlideCertificateEncryption` and `GlideStringUtil.base64Encode`.",
    ],
    secret: "The value of the system property: any long random text, such as 32 bytes in hexadecimal digits.",
    notes: [
      "Each event has an id of its own and the time at which the rule ran, which orders two updates within one second of `sys_updated_on`.",
      "The rule does not try again: what fails is in the outbound HTTP log. Reconcile now and then.",
    ],
    example: { title: "A business rule that signs", language: "js", code: SERVICENOW_SCRIPT },
  },
  sample: {
    ...GENERIC_SAMPLE,
    body: {
      event_id: "c2b1f6de0d0c4a6f9a533f2f7a0e9b11",
      occurred_at: "2026-11-05T11:59:57.412Z",
      record_type: "customer_contact",
      op: "update",
      id: "5137153cc611227c000bbd1bd8cd2005",
      last_modified: "2026-11-05T11:59:57Z",
      fields: {
        name: "Ada Byron",
        email: "ada@example.com",
        phone: "+44 20 7946 0000",
        title: "Analyst",
        account: "227cdfb03710200044e0bfc8bcbe5d6b",
      },
    },
  },
};
