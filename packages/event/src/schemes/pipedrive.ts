import { PIPEDRIVE_PRESETS, PIPEDRIVE_SOURCES } from "../presets/pipedrive.ts";
import type { SenderRow } from "../sender.ts";

/** Pipedrive, v2 and v1: in v1 `meta.id` is the record's, and `current` stands where v2 has `data`. */
export const pipedrive: SenderRow = {
  presets: PIPEDRIVE_PRESETS,
  presetSources: PIPEDRIVE_SOURCES,
  name: "pipedrive",
  title: "Pipedrive",
  check: { type: "basic" },
  event: {
    id: ["{?event.meta.entity}{event.meta.id}"],
    volatile: ["retry", "meta.attempt"],
    type: ["{event.event}", "{event.meta.action}.{event.meta.entity}"],
    time: [
      { from: "{event.meta.timestamp_micro}", unit: "us" },
      { from: "{event.meta.timestamp}", unit: "iso8601" },
    ],
    version: [
      { from: "{event.data.update_time}", unit: "utc" },
      { from: "{event.meta.timestamp_micro}", unit: "us" },
      { from: "{event.meta.timestamp}", unit: "iso8601" },
    ],
    delete: [{ in: "{event.meta.action}", fits: "^deleted?$" }],
  },
  guide: {
    sources: ["https://pipedrive.readme.io/docs/guide-for-webhooks-v2"],
    order:
      "Pipedrive: `update_time` is when the record last changed, in whole seconds; `meta.timestamp` is the event's, finer, and breaks ties.",
    surprises: [
      "In version 1 `meta.id` is the record's and `current` stands where version 2 has `data`.",
      "An organisation's merge is a deletion of one and a change of the other.",
      "`data.email` may be a text or a list with one that is primary.",
    ],
    steps: [
      "In Pipedrive open Tools and apps, Webhooks, and create a webhook of version 2.",
      "Choose action and object, and paste {url} as the endpoint.",
      "Enter the two halves of {secret} as HTTP auth username and password.",
    ],
    secret: "`user:password` of the HTTP authentication, long and random.",
    notes: [
      "Nothing is signed: the password proves the caller alone.",
      "Ten failed first attempts ban the webhook for half an hour, and what happens meanwhile is lost; three days without a success delete it.",
      "On a deletion `data` is null and `previous` has the last state; a merge is a deletion and a change.",
    ],
  },
  sample: {
    body: {
      data: { id: 178, name: "Ada Byron", email: "ada@example.com", update_time: "2026-11-05T11:59:56Z" },
      previous: { name: "Ada King" },
      meta: {
        action: "change",
        company_id: "15747575",
        entity_id: "178",
        entity: "person",
        id: "8818e477-972e-4ddb-8d8e-cb61a933db4e",
        timestamp: "2026-11-05T11:59:57.426Z",
        version: "2.0",
        webhook_id: "1872755",
        attempt: 1,
      },
    },
  },
  deadlineMs: 10_000,
};
