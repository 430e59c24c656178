import { NETSUITE_PRESETS, NETSUITE_SOURCES } from "../presets/netsuite.ts";
import { GENERIC_HMAC_DEFAULTS, genericHmac } from "./generic-hmac.ts";
import { GENERIC_SAMPLE, ORDINARY_EVENT, QUIET_REPLY } from "./ordinary.ts";
import { NETSUITE_SCRIPT } from "./netsuite-script.ts";
import type { SenderRow } from "../sender.ts";

const SCHEME = genericHmac("netsuite", "NetSuite (SuiteScript)", {
  ...GENERIC_HMAC_DEFAULTS,
  timestamp: { header: "x-sluice-timestamp", unit: "s", toleranceSeconds: 300 },
  content: "{ts}.{body}",
});

/** NetSuite has no webhooks of its own: a user event script signs and sends. */
export const netsuite: SenderRow = {
  presets: NETSUITE_PRESETS,
  presetSources: NETSUITE_SOURCES,
  ...SCHEME,
  event: {
    ...ORDINARY_EVENT,
    // Two changes may share the record's own time; the time at which the script ran tells them apart.
    time: [{ from: "{event.last_modified}", unit: "iso8601" }],
    finer: [
      { from: "{event.occurred_at}", unit: "iso8601" },
      { from: "{event.last_modified}", unit: "iso8601" },
    ],
  },
  reply: QUIET_REPLY,
  guide: {
    sources: [
      "https://docs.oracle.com/en/cloud/saas/netsuite/ns-online-help/section_4387799721.html",
      "https://docs.oracle.com/en/cloud/saas/netsuite/ns-online-help/section_4407992281.html",
    ],
    order:
      "Oracle: `lastmodifieddate` is when the record was last saved, to the second; the script's own `occurred_at` has milliseconds and breaks ties.",
    surprises: [
      "Two saves within one second have one `lastmodifieddate`: the time at which the script ran decides.",
      "CSV imports and workflows may save without the user event script, where its deployment does not name their context.",
      "`$string(data.id)` of an event without an id makes the key `netsuite:`, which is no key: it is a dead letter.",
    ],
    steps: [
      "In NetSuite open Setup, Company, API Secrets and make a secret with the id `custsecret_sluice` and the value {secret}; allow it for the script.",
      "Save the script below as a file of the File Cabinet and change the fields that it reads to those of your mappings.",
      "Create a script record from it and deploy it for each record type, event type blank, so that deletions come as well.",
    ],
    secret: "The value of the API secret: any long random text, such as 32 bytes in hexadecimal digits.",
    notes: [
      "Each event has an id of its own and the time at which the script ran, which orders two changes within one second of `lastmodifieddate`.",
      "The script does not try again: what fails is in its execution log. Reconcile now and then.",
      "A user waits for the script: Sluice answers within milliseconds, but keep it near.",
    ],
    example: { title: "A user event script that signs", language: "js", code: NETSUITE_SCRIPT },
  },
  sample: {
    ...GENERIC_SAMPLE,
    body: {
      event_id: "c2b1f6de-0d0c-4a6f-9a53-3f2f7a0e9b11",
      occurred_at: "2026-11-05T11:59:57.412Z",
      record_type: "customer",
      op: "edit",
      id: "8812",
      external_id: "C-1042",
      last_modified: "2026-11-05T11:59:57Z",
      fields: { companyname: "Byron Engines", email: "ada@example.com" },
    },
  },
};
