import type { SenderRow } from "../sender.ts";
import { QUIET_REPLY } from "./ordinary.ts";

/** Mailchimp: forms, nothing signed, and a GET before Mailchimp keeps the URL. */
export const mailchimp: SenderRow = {
  name: "mailchimp",
  title: "Mailchimp (audience webhooks)",
  check: { type: "token", from: "query:k" },
  handshakes: [{ kind: "get" }],
  body: "form",
  event: {
    id: [],
    type: ["{event.type}"],
    time: [{ from: "{event.fired_at}", unit: "utc" }],
    delete: [{ in: "{event.type}", fits: "^cleaned$" }],
  },
  reply: QUIET_REPLY,
  guide: {
    sources: ["https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/"],
    order:
      "Mailchimp: `fired_at` of the notification, in whole seconds of UTC and without a zone. Whether a repetition repeats it is not published.",
    surprises: [
      "Nothing is signed.",
      "Fields have brackets in their names: `` data.`data[merges][FNAME]` ``.",
      "`upemail`, a changed address, carries `data[old_email]` and `data[new_email]` and no `data[email]`.",
      "All values are texts, and an emptied one is an empty text: say `clears: empty`.",
    ],
    steps: [
      "In Mailchimp open Audience, Settings, Webhooks, and create one.",
      "The URL is {url}?k={secret}; Mailchimp asks it with GET at once, and Sluice answers.",
      "Choose the updates, and who makes them, that your mappings use; leave out those that come over the API where Sluice writes there itself.",
    ],
    secret: "The value of `k` in the URL: a long random text of your own.",
    notes: [
      "URLs stand in the logs of your proxies: keep them out.",
      "`cleaned` means that the address bounces for good, which is marked as a deletion; `unsubscribe` is none.",
    ],
  },
  sample: {
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: "type=profile&fired_at=2026-11-05+11%3A59%3A57&data%5Bid%5D=8a25ff1d98&data%5Blist_id%5D=a6b5da1054&data%5Bemail%5D=ada%40example.com&data%5Bmerges%5D%5BFNAME%5D=Ada&data%5Bmerges%5D%5BLNAME%5D=Byron",
  },
};
