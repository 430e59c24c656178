import { HELP_SCOUT_PRESETS, HELP_SCOUT_SOURCES } from "../presets/help-scout.ts";
import type { SenderRow } from "../sender.ts";

/** Help Scout: the event's name stands in a header, the body is the record, of a deletion its id alone. */
export const helpScout: SenderRow = {
  presets: HELP_SCOUT_PRESETS,
  presetSources: HELP_SCOUT_SOURCES,
  name: "help-scout",
  title: "Help Scout",
  check: {
    type: "signature",
    alg: "hmac-sha1",
    key: "utf8",
    sig: { headers: ["x-helpscout-signature"], format: "plain", encoding: "base64" },
    content: "{body}",
  },
  event: {
    // A request has no id of its own, and `id` in the body is the record's: an id is made.
    id: [],
    type: ["{header:x-helpscout-event}"],
    time: [{ from: "{event.updatedAt}", unit: "iso8601" }],
    delete: [{ in: "{header:x-helpscout-event}", fits: "\\.deleted$" }],
  },
  guide: {
    sources: ["https://developer.helpscout.com/webhooks/", "https://github.com/helpscout/helpscout-api-php"],
    order:
      "Help Scout: `updatedAt` of a customer is when it last changed, in whole seconds. Conversations, tags and all deletions have no such time and go by arrival.",
    surprises: [
      "No request carries an id: one is made of what it says.",
      "A deletion has the record's id and nothing else: no time, and no values.",
      "The signature is an HMAC-SHA1, in base64.",
      "`customer.created` comes for every inbox, whichever the webhook was made for.",
    ],
    steps: [
      "In Help Scout choose Manage, Apps, and there Webhooks.",
      "Set {url} as the callback URL, a secret key that you make up, payload version 2, and choose the events that your mappings use.",
    ],
    secret: "The secret key of the webhook, as text.",
    notes: [
      "Choose payload version 2: in version 1 members have other names.",
      "Help Scout's test is an event `helpscout.test`: it means nothing, so list it under `unmapped`.",
    ],
  },
  sample: {
    headers: { "content-type": "application/json", "x-helpscout-event": "customer.updated" },
    body: {
      id: 29418,
      firstName: "Ada",
      lastName: "Byron",
      organization: "Byron Engines",
      jobTitle: "Engineer",
      createdAt: "2026-10-01T08:15:00Z",
      updatedAt: "2026-11-05T11:59:57Z",
      _embedded: { emails: [{ id: 98131, value: "ada@example.com", type: "work" }] },
    },
  },
};
