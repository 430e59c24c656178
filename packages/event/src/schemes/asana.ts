import type { SenderRow } from "../sender.ts";
import { QUIET_REPLY } from "./ordinary.ts";
import { signedBody } from "./signed-body.ts";

/** Asana hands its secret over itself, while the call that makes the webhook is still open. */
export const asana: SenderRow = {
  name: "asana",
  title: "Asana",
  check: signedBody("x-hook-signature", "hex"),
  handshakes: [{ kind: "header-echo", header: "x-hook-secret" }],
  event: {
    split: { at: "events" },
    id: [],
    type: ["{event.resource.resource_type}.{event.action}"],
    time: [{ from: "{event.created_at}", unit: "iso8601" }],
    delete: [{ in: "{event.action}", fits: "^deleted$" }],
    thin: "always",
  },
  reply: QUIET_REPLY,
  guide: {
    sources: ["https://developers.asana.com/docs/webhooks-guide"],
    order:
      "Asana: `created_at` of the event, in milliseconds. It says that events may come twice and in any order; fetch the task, which has `modified_at`.",
    surprises: [
      "The secret comes in a header while the call that makes the webhook is still open.",
      "An empty list of events is a heartbeat.",
      "One change of a task may be several events of one time.",
    ],
    steps: [
      "Configure the source without `secrets` and start Sluice: for an hour it awaits the secret.",
      "Create the webhook: `POST https://app.asana.com/api/1.0/webhooks` with the resource and {url} as `target`.",
      "Asana calls back at once with its secret; Sluice keeps it and takes no other.",
    ],
    secret: "None: Asana hands it over. One source takes the webhook of one resource.",
    notes: [
      "Every eight hours Asana sends an empty list of events, which must be answered; after 24 hours of failures it deletes the webhook.",
      "Events carry ids alone: have the task fetched with `fetch`.",
    ],
  },
  sample: {
    headers: { "content-type": "application/json; charset=UTF-8" },
    body: {
      events: [
        {
          user: { gid: "12345", resource_type: "user" },
          created_at: "2026-11-05T11:59:57.041Z",
          action: "changed",
          resource: { gid: "1337", resource_type: "task" },
          parent: null,
        },
      ],
    },
  },
  deadlineMs: 10_000,
};
