import type { SenderRow } from "../sender.ts";
import { QUIET_REPLY } from "./ordinary.ts";
import { signedBody } from "./signed-body.ts";

export const attio: SenderRow = {
  name: "attio",
  title: "Attio",
  check: {
    ...signedBody("attio-signature", "hex"),
    sig: { headers: ["attio-signature", "x-attio-signature"], format: "plain", encoding: "hex" },
  },
  event: {
    split: { at: "events" },
    id: ["{header:idempotency-key}:{index}"],
    type: ["{event.event_type}"],
    time: [],
    delete: [{ in: "{event.event_type}", fits: "\\.deleted$" }],
    thin: "always",
  },
  reply: QUIET_REPLY,
  guide: {
    sources: ["https://docs.attio.com/rest-api/guides/webhooks"],
    order: "Nobody: events have no time. The fetched record decides, or arrival.",
    surprises: [
      "An event has neither time nor values.",
      "The id is the request's `Idempotency-Key`, so the place in the list is added to it.",
    ],
    steps: [
      "In Attio open Workspace settings, Developers, your integration, and add a webhook with {url} as its target.",
      "Choose the events that your mappings use; filters keep the rest away.",
      "Copy the webhook's secret, which is shown once.",
    ],
    secret: "The webhook's secret, as text.",
    notes: [
      "Events carry ids and no time: have the record fetched with `fetch`, whose own version then counts.",
      "Attio tries ten times in about three days.",
    ],
  },
  sample: {
    headers: { "content-type": "application/json", "idempotency-key": "0b1e6f3c-6a49-4a0b-9f2e-5d2f1d5b3c11" },
    body: {
      webhook_id: "23e42eaf-323a-41da-b5bb-fd67eebda553",
      events: [
        {
          event_type: "record.updated",
          id: {
            workspace_id: "14beef7a-99f7-4534-a87e-70b564330a4c",
            object_id: "97052eb9-e65e-443f-a297-f2d9a4a7f795",
            record_id: "bf071e1f-6035-429d-b874-d83ea64ea13b",
            attribute_id: "41252299-f8c7-4b5e-99c9-4ff8321d2f96",
          },
          actor: { type: "workspace-member", id: "50cf242c-7fa3-4cad-87d0-75b1af71c57b" },
        },
      ],
    },
  },
};
