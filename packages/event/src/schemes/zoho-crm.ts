import { ZOHO_CRM_FETCH, ZOHO_CRM_PRESETS, ZOHO_CRM_SOURCES } from "../presets/zoho-crm.ts";
import type { SenderRow } from "../sender.ts";
import { QUIET_REPLY } from "./ordinary.ts";

export const zohoCrm: SenderRow = {
  name: "zoho-crm",
  title: "Zoho CRM",
  check: { type: "token", from: "json:token" },
  event: {
    each: "ids",
    id: [],
    type: ["{event.module}.{event.operation}"],
    // The time is the notification's, one for all ids: Zoho does not send the record's own.
    time: [{ from: "{event.server_time}", unit: "ms" }],
    omit: ["token"],
    delete: [{ in: "{event.operation}", fits: "^delete$" }],
    // Each of the ids has its own values, or none.
    thin: [{ lacks: "{event.affected_values[record_id=each].values}" }],
  },
  reply: QUIET_REPLY,
  presets: ZOHO_CRM_PRESETS,
  presetSources: ZOHO_CRM_SOURCES,
  fetch: ZOHO_CRM_FETCH,
  guide: {
    sources: ["https://www.zoho.com/crm/developer/docs/api/v8/notifications/overview.html"],
    order:
      "Nobody for the record: `server_time` is the notification's, one for all ids of it; a fetched document has `Modified_Time`, which Zoho sets at each change.",
    surprises: [
      "Ids and values are matched by `record_id`, and an id may have none: such an event is thin by itself.",
      "A channel expires without a word: renew it before.",
      "A changed surname comes without the first name: the preset leaves the name alone then.",
    ],
    steps: [
      "Enable notifications with Zoho's API: `POST /crm/v8/actions/watch`.",
      "Its body has {url} as `notify_url`, {secret} as `token`, the `events`, such as `Contacts.all`, and `return_affected_field_values: true`.",
      "Renew the channel before `channel_expiry`: `PATCH /crm/v8/actions/watch`.",
    ],
    secret: "The channel's `token`, at most 50 characters: a random text of your own.",
    notes: [
      "Nothing is signed; the token comes back in the body and is left out of what is stored.",
      "One notification may name several records; each becomes an event of its own, with the record's id in `recordId`.",
      "Without `return_affected_field_values` an event carries no values: the preset leaves it alone unless the source has a `fetch`.",
    ],
  },
  sample: {
    body: {
      server_time: 1793879998473,
      affected_values: [{ record_id: "5725767000003000010", values: { Email: "ada@example.com", Last_Name: "Byron" } }],
      query_params: {},
      module: "Contacts",
      resource_uri: "https://www.zohoapis.com/crm/v8/Contacts",
      ids: ["5725767000003000010"],
      operation: "update",
      channel_id: "1000000068001",
      token: "",
    },
  },
};
