import type { SenderRow } from "../sender.ts";
import { signedBody } from "./signed-body.ts";

/** Jira Cloud, webhooks that an administrator made: https://developer.atlassian.com/cloud/jira/platform/webhooks/ */
export const jira: SenderRow = {
  name: "jira",
  title: "Jira Cloud",
  check: signedBody("x-hub-signature", "hex", "sha256="),
  event: {
    id: ["{header:x-atlassian-webhook-identifier}"],
    type: ["{event.webhookEvent}"],
    time: [{ from: "{event.timestamp}", unit: "ms" }],
    data: ["{event.issue}", "{event}"],
    version: [
      { from: "{event.issue.fields.updated}", unit: "iso8601" },
      { from: "{event.timestamp}", unit: "ms" },
    ],
    delete: [{ in: "{event.webhookEvent}", fits: "_deleted$" }],
  },
  guide: {
    sources: ["https://developer.atlassian.com/cloud/jira/platform/webhooks/"],
    order:
      "Atlassian: `fields.updated` is when the issue last changed, in milliseconds; `timestamp` is the event's. It promises no order of deliveries.",
    surprises: [
      "Times have a zone without a colon, `+0100`.",
      "A deleted issue carries the `updated` of its last change: the deletion wins the tie by its arrival.",
      "Only webhooks that an administrator made are signed.",
    ],
    steps: [
      "In Jira, as an administrator, open System, WebHooks, and create one.",
      "Paste {url}, enter {secret} as its secret, and choose the events that your mappings use.",
    ],
    secret: "The webhook's secret, as text.",
    notes: [
      "Webhooks that a Connect or OAuth application registers are not signed and are refused.",
      "A deletion carries the issue as it was: its `updated` is that of the last change, and the deletion, which comes later, wins the tie.",
      "Of an event about an issue the issue is `data`; comments, worklogs and sprints are events without one, and then all of the body is.",
    ],
  },
  sample: {
    headers: {
      "content-type": "application/json; charset=UTF-8",
      "x-atlassian-webhook-identifier": "f36bdd7f-0f4d-4d3e-bb4b-9f5b9f6f0a11",
    },
    body: {
      timestamp: 1793879998120,
      webhookEvent: "jira:issue_updated",
      issue_event_type_name: "issue_generic",
      issue: {
        id: "10002",
        key: "CRM-7",
        fields: {
          summary: "Renew the contract of Byron Engines",
          status: { name: "In Progress" },
          updated: "2026-11-05T12:59:57.412+0100",
        },
      },
    },
  },
};
