import type { SenderRow } from "../sender.ts";
import { QUIET_REPLY } from "./ordinary.ts";

export const monday: SenderRow = {
  name: "monday-jwt",
  title: "monday.com",
  check: { type: "jwt", alg: "HS256", header: "authorization", scheme: "", aud: "{url}" },
  handshakes: [{ kind: "json-echo", field: "challenge" }],
  event: {
    id: ["{event.event.triggerUuid}"],
    type: ["{event.event.type}"],
    time: [
      { from: "{event.event.changedAt}", unit: "iso8601" },
      { from: "{event.event.triggerTime}", unit: "iso8601" },
    ],
    data: ["{event.event}", "{event}"],
    delete: [{ in: "{event.event.type}", fits: "^delete_(?:pulse|item)$" }],
  },
  reply: QUIET_REPLY,
  guide: {
    sources: [
      "https://developer.monday.com/api-reference/reference/webhooks",
      "https://developer.monday.com/apps/docs/integration-authorization",
    ],
    order: "monday.com: `changedAt` or `triggerTime` of the event, in milliseconds.",
    surprises: [
      "Only webhooks that an app's token made are signed.",
      "The signing token is no Bearer token: it stands in `Authorization` by itself.",
    ],
    steps: [
      "In monday.com's Developer Center open your app and copy the signing secret under Basic information.",
      "Set {url} as `public_url` of the source: each token is made out to it.",
      "Create the webhook with the app's token: `create_webhook(board_id, url, event)`. monday.com asks at once, and Sluice answers.",
    ],
    secret: "The app's signing secret, as text.",
    notes: [
      "Only webhooks that were made with an app's token carry a signed token; for those made by hand or with a person's token there is `monday-url-secret`.",
      "The token proves the caller, not the body.",
      "monday.com tries every minute for half an hour.",
    ],
  },
  sample: {
    body: {
      event: {
        app: "monday",
        type: "update_column_value",
        triggerTime: "2026-11-05T11:59:57.102Z",
        subscriptionId: 73759690,
        userId: 9603417,
        boardId: 1771812698,
        pulseId: 1772099344,
        pulseName: "Ada Byron",
        columnId: "email",
        value: { email: "ada@example.com" },
        triggerUuid: "eabc8a6ab1e2b5d0c0d8b9d2b7e9a9f1",
      },
    },
  },
};

/** Webhooks made on a board or with a person's token: monday.com sends nothing that proves anything. */
export const mondayUrlSecret: SenderRow = {
  ...monday,
  name: "monday-url-secret",
  title: "monday.com (made on a board)",
  check: { type: "token", from: "query:k" },
  guide: {
    sources: ["https://developer.monday.com/api-reference/reference/webhooks"],
    order: "monday.com: `changedAt` or `triggerTime` of the event, in milliseconds.",
    surprises: ["Nothing is signed, and the challenge at the start proves nothing either."],
    steps: [
      "On the board open Integrate and add a webhook, or call `create_webhook(board_id, url, event)` with a person's token.",
      "The URL is {url}?k={secret}. monday.com asks at once, and Sluice answers.",
    ],
    secret: "The value of `k` in the URL: a long random text of your own.",
    notes: [
      "monday.com signs nothing of such webhooks: keep URLs out of the logs of your proxies, and make the webhook with an app's token, for `monday-jwt`, where you can.",
      "monday.com tries every minute for half an hour.",
    ],
  },
};
