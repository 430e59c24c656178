import type { SenderRow } from "../sender.ts";
import { QUIET_REPLY } from "./ordinary.ts";

/** Twilio signs the URL and the form behind it, names and values sorted. */
export const twilio: SenderRow = {
  name: "twilio",
  title: "Twilio",
  check: {
    type: "signature",
    alg: "hmac-sha1",
    key: "utf8",
    sig: { headers: ["x-twilio-signature"], format: "plain", encoding: "base64" },
    content: "{url}{form:sorted}",
  },
  body: "form",
  event: {
    id: ["{header:i-twilio-idempotency-token}"],
    type: ["message.{event.MessageStatus}", "call.{event.CallStatus}", "message.{event.SmsStatus}"],
    time: [],
  },
  reply: QUIET_REPLY,
  guide: {
    sources: [
      "https://www.twilio.com/docs/usage/webhooks/webhooks-security",
      "https://www.twilio.com/docs/messaging/guides/track-outbound-message-status",
    ],
    order:
      "Nobody: a status callback has no time, and Twilio says that callbacks may come in another order than the statuses. Fetch the message, or map each status to a field of its own.",
    surprises: [
      "`delivered` may come before `sent`.",
      "Twilio signs the URL as it was registered, query and all.",
      "A port in the URL is signed by some of Twilio's products and left out by others: let it be 443, without a port in the URL.",
      "Only forms are read: JSON with `bodySHA256` in the URL is refused.",
    ],
    steps: [
      "In the Twilio Console open the number, the messaging service or the call, and choose its status callback.",
      "Paste {url} with the method POST, and set the same URL, letter for letter, as `public_url` of the source.",
      "Copy the account's auth token.",
    ],
    secret: "The account's auth token, as text; not the account's SID.",
    notes: ["While the auth token is rotated Twilio signs with the primary one alone."],
  },
  sample: {
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      "i-twilio-idempotency-token": "0c1b7f2e-5d4a-4a6e-9f0d-3a1f7a9c2b11",
    },
    body: "AccountSid=AC00000000000000000000000000000000&From=%2B4930123456&MessageSid=SM00000000000000000000000000000001&MessageStatus=delivered&To=%2B4930654321",
  },
};
