import type { SenderRow } from "../sender.ts";
import { QUIET_REPLY } from "./ordinary.ts";

export const slack: SenderRow = {
  name: "slack",
  title: "Slack",
  check: {
    type: "signature",
    alg: "hmac-sha256",
    key: "utf8",
    sig: { headers: ["x-slack-signature"], format: "prefix", prefix: "v0=", encoding: "hex" },
    content: "v0:{ts}:{body}",
    ts: { header: "x-slack-request-timestamp", unit: "s", toleranceSec: 300 },
  },
  handshakes: [{ kind: "signed-echo", field: "challenge", only: "url_verification" }],
  body: "form",
  event: {
    id: ["{event.event_id}", "{event.trigger_id}"],
    type: ["{event.event.type}", "{event.type}", "{event.command}"],
    // The header's time is the attempt's.
    time: [{ from: "{event.event_time}", unit: "s" }],
    data: ["{event.event}", "{event}"],
    omit: ["token"],
    delete: [{ in: "{event.event.type}", fits: "_deleted$" }],
  },
  reply: QUIET_REPLY,
  guide: {
    sources: [
      "https://docs.slack.dev/authentication/verifying-requests-from-slack",
      "https://docs.slack.dev/apis/events-api/",
    ],
    order:
      "Slack: `event_time` is when the event was dispatched, in whole seconds. Commands and interactions have none.",
    surprises: [
      "`url_verification` is signed and has to be answered with its challenge.",
      "Commands are forms, and interactions a form with JSON in `payload`.",
      "The header's time is the attempt's.",
    ],
    steps: [
      "At api.slack.com open your app, copy its signing secret under Basic Information and put it into the source's `secrets`.",
      "Under Event Subscriptions switch events on and paste {url}: Slack asks at once, and Sluice answers.",
      "Subscribe to the events that your mappings use and install the app again.",
    ],
    secret: "The app's signing secret, as text. The verification token is not used.",
    notes: [
      "Commands and interactions have no time: order their mappings by arrival. The verification token in a body is left out of what is stored.",
      "Slack wants its answer within three seconds, and tries three times: at once, after one and after five minutes.",
    ],
  },
  sample: {
    body: {
      team_id: "T1DC2JH3J",
      api_app_id: "A0MDYCDME",
      type: "event_callback",
      event_id: "Ev08MFMKH6",
      event_time: 1793879998,
      event: { type: "user_change", user: { id: "U2CERLKJA", profile: { email: "ada@example.com" } } },
    },
  },
  deadlineMs: 3_000,
};
