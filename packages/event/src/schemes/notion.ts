import type { SenderRow } from "../sender.ts";
import { QUIET_REPLY } from "./ordinary.ts";
import { signedBody } from "./signed-body.ts";

/** Notion posts the token that signs to the URL once, unsigned; a person pastes it back. */
export const notion: SenderRow = {
  name: "notion",
  title: "Notion",
  check: signedBody("x-notion-signature", "hex", "sha256="),
  handshakes: [{ kind: "body-secret", field: "verification_token" }],
  event: {
    id: ["{event.id}"],
    type: ["{event.type}"],
    time: [{ from: "{event.timestamp}", unit: "iso8601" }],
    delete: [{ in: "{event.type}", fits: "\\.deleted$" }],
    thin: "always",
  },
  reply: QUIET_REPLY,
  guide: {
    sources: [
      "https://developers.notion.com/reference/webhooks",
      "https://developers.notion.com/reference/webhooks-events-delivery",
    ],
    order:
      "Notion: `timestamp` of the event, in milliseconds, which it says can be used to order events. Fetch the page, which has `last_edited_time`, in whole minutes.",
    surprises: [
      "The token that signs is posted to the URL once, before anything is signed, and has to be pasted into Notion.",
      "Frequent changes come as one event, up to a minute later.",
      "An event names the page and the ids of its changed properties, and no value.",
      "Once it is verified, the URL of a subscription can't be changed.",
    ],
    steps: [
      "Configure the source without `secrets` and start Sluice: for an hour it awaits the token.",
      "In Notion open the connection's settings, Webhooks, create a subscription with {url} and the events that your mappings use.",
      "`npx pnpm sluice handed SOURCE` prints the token that came: paste it where Notion asks to verify the subscription.",
    ],
    secret:
      "None: Notion hands it over. If Notion refuses the token, somebody else was quicker: use a new source, of another name.",
    notes: [
      "Notion tries eight times, the last after about 24 hours; it keeps nothing to ask for later.",
      "Events carry ids alone: have the page fetched with `fetch`.",
    ],
  },
  sample: {
    body: {
      id: "367cba44-b6f3-4c92-81e7-6a2e9659efd4",
      timestamp: "2026-11-05T11:59:57.123Z",
      workspace_id: "13950b26-c203-4f3b-b97d-93ec06319565",
      subscription_id: "29d75c0d-5546-4414-8459-7b7a92f1fc4b",
      integration_id: "0ef2e755-4912-8096-91c1-00376a88a5ca",
      authors: [{ id: "c7c11cca-1d73-471d-9b6e-bdef51470190", type: "person" }],
      attempt_number: 1,
      type: "page.properties_updated",
      entity: { id: "153104cd-477e-809d-8dc4-ff2d96ae3090", type: "page" },
      data: { parent: { id: "36cc9195-760f-4fff-a67e-3a46c559b176", type: "space" }, updated_properties: ["XGe%40"] },
    },
  },
};
