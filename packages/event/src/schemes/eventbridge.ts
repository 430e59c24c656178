import type { SenderRow } from "../sender.ts";
import { QUIET_REPLY } from "./ordinary.ts";

/** EventBridge: its own envelope around the event of any service or application. */
export const amazonEventBridge: SenderRow = {
  name: "amazon-eventbridge",
  title: "Amazon EventBridge (API destinations)",
  check: { type: "any", of: [{ type: "token", from: "header:x-api-key" }, { type: "basic" }, { type: "bearer" }] },
  event: {
    id: ["{event.id}"],
    type: ["{event.source}/{event.detail-type}"],
    time: [{ from: "{event.time}", unit: "iso8601" }],
    data: ["{event.detail}", "{event}"],
  },
  reply: QUIET_REPLY,
  guide: {
    sources: [
      "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html",
      "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html",
    ],
    order:
      "Amazon: `time` is the event's, in whole seconds, as the service or application says it. EventBridge delivers at least once and in any order.",
    surprises: [
      "An input transformer replaces the envelope, and with it id, type and time.",
      "The application may choose `time` itself: then it is as good as that.",
      "A deletion looks like what the application calls it: give it a row with `delete: true`.",
    ],
    steps: [
      "In Amazon EventBridge create a connection: an API key named `x-api-key` with {secret} as its value, basic authentication, or OAuth.",
      "Create an API destination with {url} and the method POST.",
      "Create a rule whose target is the API destination, without an input transformer, and give it a dead-letter queue.",
    ],
    secret: "The connection's API key; `user:password`; or the bearer token that its OAuth endpoint gives.",
    notes: [
      "Nothing is signed: the credential proves the caller alone.",
      "EventBridge waits for five seconds and tries for 24 hours, unless the rule says otherwise.",
    ],
  },
  sample: {
    body: {
      version: "0",
      id: "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
      "detail-type": "CustomerUpdated",
      source: "com.example.crm",
      account: "111122223333",
      time: "2026-11-05T11:59:57Z",
      region: "eu-central-1",
      resources: [],
      detail: { id: "C-1042", email: "ada@example.com" },
    },
  },
};
