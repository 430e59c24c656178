import type { Check } from "../scheme.ts";
import type { Guide, SenderRow } from "../sender.ts";
import { GENERIC_HMAC_DEFAULTS, genericHmac } from "./generic-hmac.ts";
import { GENERIC_SAMPLE, ORDINARY_EVENT, ORDINARY_LIMITS } from "./ordinary.ts";

/*
 * Senders whose requests have the shape that their builder gives them: the vendor has no signature, so any
 * of a few proofs is taken.
 */

const OWN_SIGNATURE = genericHmac("", "", GENERIC_HMAC_DEFAULTS).check as Exclude<Check, { type: "any" }>;
const API_KEY = { type: "token", from: "header:x-api-key" } as const;

function platform(
  name: string,
  title: string,
  of: readonly Exclude<Check, { type: "any" }>[],
  guide: Guide,
  sample: SenderRow["sample"] = GENERIC_SAMPLE,
): SenderRow {
  return {
    name,
    title,
    check: { type: "any", of },
    event: ORDINARY_EVENT,
    limits: { ...ORDINARY_LIMITS, methods: ["POST", "PUT", "PATCH"] },
    guide,
    sample,
  };
}

/** Business One's own HMAC is not documented in public; `generic-hmac` takes it, whatever it turns out to be. */
export const sapBusinessOne: SenderRow = {
  ...genericHmac("sap-business-one", "SAP Business One", { ...GENERIC_HMAC_DEFAULTS, encoding: "base64" }),
  guide: {
    sources: ["https://help.sap.com/docs/SAP_BUSINESS_ONE"],
    order: "Nobody: SAP publishes neither the body nor its times. Map a time that your release sends.",
    surprises: ["Header and encoding of the signature are not published: try what your release sends first."],
    steps: [
      "In SAP Business One open the event subscriptions (table OEVC) and add a webhook with {url}.",
      "Choose the authentication type HMAC and enter {secret}.",
      "Look at the header that your release sends, and where it differs write `scheme: { generic-hmac: { header, algorithm, encoding, prefix } }`.",
    ],
    secret: "The HMAC secret, as text.",
    notes: [
      "Which header and encoding a release uses is not published: confirm it on your system.",
      "A subscription in the state Exceptional sends nothing until it is activated again.",
    ],
  },
  sample: GENERIC_SAMPLE,
};

export const freshworks = platform(
  "freshworks",
  "Freshdesk / Freshworks",
  [{ type: "token", from: "header:x-sluice-key" }, { type: "basic" }],
  {
    sources: ["https://support.freshdesk.com/support/solutions/folders/272646"],
    order:
      "Your own script or recipe: no vendor promises anything of it, so write a time that grows with each change of the record: Freshdesk fills `{{ticket.updated_at}}` when the rule runs.",
    surprises: [
      "Freshdesk has no id of an event: one made of the ticket and its time is shared by several changes, so write none.",
      "Placeholders are put into JSON as they are: a quote in a subject breaks the body, and the request is refused with 400.",
    ],
    steps: [
      "In Freshdesk open Admin, Workflows, Automations, and add a rule for updates with the action Trigger webhook.",
      "Choose POST, paste {url}, encoding JSON, and add the custom header `x-sluice-key: {secret}`; or tick Requires authentication and enter user and password.",
      "As advanced content write JSON with placeholders: `type`, `external_id`, `updated_at`, and the fields of your mappings. Leave `event_id` out: Freshdesk has none, and one made of id and time is shared by several changes.",
    ],
    secret: "The value of `x-sluice-key`; or `user:password`.",
    notes: [
      "Nothing is signed, and there is no id of the event: two updates with one time are told apart by their fields alone, so send all of them.",
      "Freshdesk tries three times within an hour and a half, then writes to the admins.",
    ],
  },
  {
    body: {
      type: "contact.updated",
      op: "update",
      external_id: "C-1042",
      updated_at: "2026-11-05T11:59:57Z",
      contact: { email: "ada@example.com" },
    },
  },
);

export const workday: SenderRow = {
  ...platform(
    "workday",
    "Workday",
    [{ type: "bearer" }, { type: "basic" }],
    {
      sources: ["https://doc.workday.com/"],
      order:
        "Your own script or recipe: no vendor promises anything of it, so write a time that grows with each change of the record.",
      surprises: [
        "Workday has no signature of its own: what proves the caller is what the integration's builder sets.",
        "`id` of a body is taken for the record's: an event's own goes into `event_id`.",
      ],
      steps: [
        "In Workday create an integration or an Extend orchestration that posts JSON to {url} when a business process completes.",
        "Authenticate it with a bearer token or with basic authentication: {secret}.",
        "Give the body `event_id`, the event's own, `action` and `moment`.",
      ],
      secret: "The bearer token; or `user:password`.",
      notes: ["Nothing is signed: prefer `generic-hmac` where the orchestration can compute one."],
    },
    {
      headers: { "content-type": "application/json" },
      body: {
        id: "evt-7781",
        action: "worker.updated",
        worker: { wid: "3aa5550b7fe348b98d7b5741afc65534", employee_id: "21001" },
        moment: "2026-11-05T11:59:57Z",
      },
    },
  ),
  event: {
    ...ORDINARY_EVENT,
    type: ["{event.action}", ...ORDINARY_EVENT.type],
    time: [{ from: "{event.moment}", unit: "iso8601" }, ...ORDINARY_EVENT.time],
  },
};

const RECIPE: Guide = {
  sources: ["https://docs.workato.com/connectors/http.html"],
  order:
    "Your own script or recipe: no vendor promises anything of it, so write a time that grows with each change of the record.",
  surprises: ["Each run of a recipe makes a new request: give the body an `event_id` that a rerun repeats."],
  steps: [
    "Add a step to the recipe that posts JSON to {url}.",
    "Add the header `x-api-key: {secret}`; or compute HMAC-SHA256 of the body with {secret} in a code step and send it as `x-sluice-signature`, hexadecimal digits.",
    "Give the body `event_id`, `type`, `updated_at` and the fields of your mappings.",
  ],
  secret: "Any long random text: the value of `x-api-key`, or the key of the HMAC.",
  notes: ["An API key proves the caller alone; with the HMAC the body is signed as well."],
};

export const workato = platform("workato", "Workato", [OWN_SIGNATURE, API_KEY], RECIPE);

export const zapier = platform("zapier", "Zapier", [OWN_SIGNATURE, API_KEY], {
  ...RECIPE,
  sources: ["https://help.zapier.com/hc/en-us/articles/8496083355661"],
  order:
    "Your own script or recipe: no vendor promises anything of it, so write a time that grows with each change of the record.",
  surprises: [
    "A replayed Zap sends again: give the body an `event_id` that a replay repeats.",
    "Numbers and dates come as texts where a Zap formats them.",
  ],
  steps: [
    "Add the action Webhooks by Zapier, Custom Request, to the Zap: POST, {url}, JSON.",
    ...RECIPE.steps.slice(1),
  ],
});
