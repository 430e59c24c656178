import type { SenderRow } from "../sender.ts";
import { QUIET_REPLY } from "./ordinary.ts";
import { signedBody } from "./signed-body.ts";

/** ClickUp: the id of a task and its history. */
export const clickup: SenderRow = {
  name: "clickup",
  title: "ClickUp",
  check: signedBody("x-signature", "hex"),
  event: {
    id: ["{event.webhook_id}:{event.event}:{event.history_items.0.id}"],
    type: ["{event.event}"],
    time: [{ from: "{event.history_items.0.date}", unit: "ms" }],
    delete: [{ in: "{event.event}", fits: "Deleted$" }],
    thin: "always",
  },
  reply: QUIET_REPLY,
  guide: {
    sources: [
      "https://developer.clickup.com/docs/webhooksignature",
      "https://developer.clickup.com/docs/webhooktaskpayloads",
    ],
    order:
      "ClickUp: `date` of the history item, in milliseconds. It promises no order of deliveries; the fetched task has `date_updated`.",
    surprises: [
      "An event names its task and what changed, and not the task as it is.",
      "`taskDeleted` has no history, and so neither an id of its own nor a time.",
      "Dates are milliseconds in a text.",
    ],
    steps: [
      "Create the webhook with ClickUp's API: `POST /api/v2/team/TEAM/webhook` with {url} as `endpoint` and the events that your mappings use.",
      "The answer has `webhook.secret`: put it into the source's `secrets`.",
    ],
    secret: "The webhook's secret, as text.",
    notes: ["A webhook that fails is suspended: see its `health` with the API."],
  },
  sample: {
    body: {
      event: "taskUpdated",
      task_id: "1vj38vv",
      webhook_id: "7fa3ec74-69a8-4530-a251-8a13730bd204",
      history_items: [
        {
          id: "2800768061568222925",
          type: 1,
          date: "1793879997412",
          field: "name",
          parent_id: "162641062",
          before: "Spelling",
          after: "Spelling error",
        },
      ],
    },
  },
};
