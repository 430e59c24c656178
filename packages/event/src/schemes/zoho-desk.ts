import type { SenderRow } from "../sender.ts";
import { QUIET_REPLY } from "./ordinary.ts";

/** Zoho Desk: a token of Zoho's own beside the body, for the audience of one webhook. */
export const zohoDesk: SenderRow = {
  name: "zoho-desk",
  title: "Zoho Desk",
  check: {
    type: "jwt",
    alg: "RS256",
    header: "x-zdesk-jwt",
    scheme: "",
    jwks: true,
    // One key set signs for every organisation, so a token for another webhook proves nothing here.
    aud: "{fragment}",
    skewSec: 60,
  },
  handshakes: [{ kind: "get" }, { kind: "form-ping", pattern: String.raw`^\{"\{\}":""\}$` }],
  event: {
    split: "many",
    id: [],
    type: ["{event.eventType}"],
    time: [
      { from: "{event.eventTime}", unit: "ms" },
      { from: "{event.eventTime}", unit: "iso8601" },
    ],
    data: ["{event.payload}", "{event}"],
    delete: [{ in: "{event.eventType}", fits: "_Delete$" }],
  },
  reply: QUIET_REPLY,
  guide: {
    sources: [
      "https://desk.zoho.com/support/WebhookDocument.do",
      "https://www.zoho.com/desk/extensions/guide/webhooks.html",
    ],
    order: "Zoho: `eventTime` is when the event happened, in milliseconds. It promises no order of deliveries.",
    surprises: [
      "The token proves the caller and not the body, and one key set signs for all customers of Zoho: the webhook's own id has to stand in `secrets`.",
      "What fails is not sent again: an answer that is not 200, or that takes longer than five seconds, loses the event. Reconcile now and then.",
      "An answer of 410 ends the subscription.",
      "The state before a change comes only where the subscription asks for it with `includePrevState`.",
    ],
    steps: [
      "In Zoho Desk open Setup, Developer Space, Webhooks, and create a webhook with {url} and the events that your mappings use; or create it with the API.",
      "Copy its id and put `https://desk.zoho.com/.well-known/jwks.json#webhookId:ID` into the source's `secrets`, with the host of your data centre.",
    ],
    secret:
      "The address of Zoho Desk's key set in your data centre, with `#webhookId:` and the webhook's id behind it: `https://desk.zoho.eu/.well-known/jwks.json#webhookId:1892000000042042`.",
    notes: [
      "Zoho opens the URL with GET, or sends an empty object, before it saves the webhook: both are answered.",
      "The Professional edition and those above it have webhooks.",
    ],
  },
  sample: {
    body: [
      {
        eventType: "Contact_Update",
        eventTime: "1793879997412",
        orgId: "60001280952",
        payload: { id: "1892000000042032", firstName: "Ada", lastName: "Byron", email: "ada@example.com" },
      },
    ],
  },
  deadlineMs: 5_000,
};
