import { QUICKBOOKS_FETCH, QUICKBOOKS_PRESETS, QUICKBOOKS_SOURCES } from "../presets/quickbooks.ts";
import type { SenderRow } from "../sender.ts";
import { signedBody } from "./signed-body.ts";

/** QuickBooks Online. A 400 would bring the whole batch again and again. */
export const quickbooks: SenderRow = {
  name: "quickbooks",
  title: "QuickBooks Online",
  check: signedBody("intuit-signature", "base64"),
  event: {
    // Until 2026 entities stood within companies; both forms are signed alike.
    split: { at: "eventNotifications[].dataChangeEvent.entities", carry: ["realmId"], otherwise: "many" },
    // In the older form `id` is the record's.
    id: ["{event.intuitaccountid}:{event.id}"],
    type: ["{event.type}", "{event.name}.{event.operation}"],
    time: [
      { from: "{event.time}", unit: "iso8601" },
      { from: "{event.lastUpdated}", unit: "utc" },
    ],
    // The entity that was merged away stands in `data.deletedid`; the event's own entity lives on.
    delete: [
      { in: "{event.type}", fits: "\\.(?:deleted|voided)\\.v\\d+$" },
      { in: "{event.operation}", fits: "^(?:Delete|Void)$" },
    ],
    thin: "always",
  },
  reply: {
    success: { status: 200, body: "none" },
    notAuthentic: { status: 403, body: "none" },
    unreadable: { status: 200, body: "none" },
  },
  presets: QUICKBOOKS_PRESETS,
  presetSources: QUICKBOOKS_SOURCES,
  fetch: QUICKBOOKS_FETCH,
  guide: {
    sources: ["https://developer.intuit.com/app/developer/qbo/docs/develop/webhooks"],
    order:
      "Intuit: `time` is when the entity changed, to the second; the fetched document's `MetaData.LastUpdatedTime` decides.",
    surprises: [
      "The body changed in 2026 from `eventNotifications` to a list of CloudEvents: both are read, and an app may get either.",
      "A void is marked as a deletion, and the invoice is still there: the preset goes by the type and fetches it.",
      "Record ids are unique within a company alone, so keys have the company's id.",
    ],
    steps: [
      "In the Intuit Developer portal open your app and choose Webhooks, for Production.",
      "Paste {url} as the endpoint URL and tick the entities that your mappings use.",
      "Show the verifier token and copy it.",
    ],
    secret: "The verifier token, as text.",
    notes: [
      "One request may hold events of several companies, and each names its record alone, which is fetched.",
      "Of a merge the event names the record that stays, and in `data.deletedid` the one that went: the preset deletes that one.",
      "A record that was deleted since is answered with a 400 and the code 610, which the preset reads as a 404.",
      "Intuit sends the whole batch again after anything but a 200, so a body that can't be read is answered with 200 and counted.",
      "The body is an array of CloudEvents; the older form, `eventNotifications`, is read as well.",
    ],
  },
  sample: {
    headers: { "content-type": "application/cloudevents+json" },
    body: [
      {
        specversion: "1.0",
        id: "88cd52aa-33b6-4351-9aa4-47572edbd068",
        source: "intuit.dsnBgbseACLLRZNxo2dfc4evmEJdxde58xeeYcZliOU=",
        type: "qbo.customer.updated.v1",
        datacontenttype: "application/json",
        time: "2026-11-05T11:59:57Z",
        intuitentityid: "1234",
        intuitaccountid: "310687",
        data: {},
      },
    ],
  },
  deadlineMs: 3_000,
};
