import { HANDSHAKES } from "./schemes/handshakes.ts";
import type { Scheme } from "./scheme.ts";
import type { Sender, SenderRow } from "./sender.ts";
import { adobeCommerce, adobeIoEvents } from "./schemes/adobe.ts";
import { adyen, adyenPlatforms } from "./schemes/adyen.ts";
import { airtable } from "./schemes/airtable.ts";
import { asana } from "./schemes/asana.ts";
import { attio } from "./schemes/attio.ts";
import { bigcommerce } from "./schemes/bigcommerce.ts";
import { businessCentral } from "./schemes/business-central.ts";
import { calendly } from "./schemes/calendly.ts";
import { chargebee } from "./schemes/chargebee.ts";
import { close } from "./schemes/close.ts";
import { azureEventGrid, cloudevents, sapEventMesh, sapEventMeshBasic } from "./schemes/cloudevents.ts";
import { dataverseHttpHeader, dataverseQueryString, dataverseWebhookKey } from "./schemes/dataverse.ts";
import { docusign } from "./schemes/docusign.ts";
import { frappe } from "./schemes/frappe.ts";
import {
  genericApiKeyHeader,
  genericApiKeyQuery,
  genericBasic,
  genericBearer,
  genericIpAllowList,
  genericJwt,
  genericJwtJwks,
  genericMtlsHeader,
} from "./schemes/generic.ts";
import { genericHmacSha256, genericHmacSha512 } from "./schemes/generic-hmac.ts";
import { github } from "./schemes/github.ts";
import { gocardless } from "./schemes/gocardless.ts";
import { helpScout } from "./schemes/help-scout.ts";
import { hubspotV1, hubspotV2, hubspotV3 } from "./schemes/hubspot.ts";
import { intercom } from "./schemes/intercom.ts";
import { jira } from "./schemes/jira.ts";
import { lemonSqueezy } from "./schemes/lemon-squeezy.ts";
import { linear } from "./schemes/linear.ts";
import { monday, mondayUrlSecret } from "./schemes/monday.ts";
import { notion } from "./schemes/notion.ts";
import { netsuite } from "./schemes/netsuite.ts";
import { odoo } from "./schemes/odoo.ts";
import { paddle } from "./schemes/paddle.ts";
import { pipedrive } from "./schemes/pipedrive.ts";
import { freshworks, sapBusinessOne, workato, workday, zapier } from "./schemes/platforms.ts";
import { quickbooks } from "./schemes/quickbooks.ts";
import { salesforceCdc, salesforceOutboundMessage } from "./schemes/salesforce.ts";
import { servicenow } from "./schemes/servicenow.ts";
import { shopify, shopifyEvents } from "./schemes/shopify.ts";
import { slack } from "./schemes/slack.ts";
import { square } from "./schemes/square.ts";
import { standardWebhooks, standardWebhooksEd25519, svix } from "./schemes/standard-webhooks.ts";
import { stripe } from "./schemes/stripe.ts";
import { typeform } from "./schemes/typeform.ts";
import { woocommerce } from "./schemes/woocommerce.ts";
import { xero } from "./schemes/xero.ts";
import { klaviyo } from "./schemes/klaviyo.ts";
import { mollie } from "./schemes/mollie.ts";
import { recurly } from "./schemes/recurly.ts";
import { amazonSns } from "./schemes/amazon-sns.ts";
import { amazonEventBridge } from "./schemes/eventbridge.ts";
import { mailchimp } from "./schemes/mailchimp.ts";
import { twilio } from "./schemes/twilio.ts";
import { revolut } from "./schemes/revolut.ts";
import { clickup } from "./schemes/clickup.ts";
import { razorpay } from "./schemes/razorpay.ts";
import { paystack } from "./schemes/paystack.ts";
import { pagerduty } from "./schemes/pagerduty.ts";
import { checkoutCom } from "./schemes/checkout-com.ts";
import { zendesk, zendesk2021 } from "./schemes/zendesk.ts";
import { zohoCrm } from "./schemes/zoho-crm.ts";
import { zohoDesk } from "./schemes/zoho-desk.ts";
import { ORDINARY_LIMITS, ORDINARY_REPLY } from "./schemes/ordinary.ts";

const ROWS: readonly SenderRow[] = [
  standardWebhooks,
  standardWebhooksEd25519,
  svix,
  cloudevents,
  salesforceOutboundMessage,
  salesforceCdc,
  hubspotV3,
  hubspotV2,
  hubspotV1,
  dataverseWebhookKey,
  dataverseHttpHeader,
  dataverseQueryString,
  businessCentral,
  sapEventMesh,
  sapEventMeshBasic,
  sapBusinessOne,
  netsuite,
  odoo,
  frappe,
  zohoCrm,
  pipedrive,
  xero,
  quickbooks,
  shopify,
  shopifyEvents,
  stripe,
  woocommerce,
  bigcommerce,
  adobeIoEvents,
  adobeCommerce,
  square,
  github,
  zendesk,
  zendesk2021,
  freshworks,
  helpScout,
  intercom,
  close,
  attio,
  monday,
  mondayUrlSecret,
  slack,
  asana,
  airtable,
  azureEventGrid,
  jira,
  linear,
  typeform,
  calendly,
  gocardless,
  lemonSqueezy,
  paddle,
  chargebee,
  docusign,
  klaviyo,
  mollie,
  recurly,
  amazonEventBridge,
  mailchimp,
  twilio,
  revolut,
  clickup,
  razorpay,
  paystack,
  pagerduty,
  checkoutCom,
  adyenPlatforms,
  adyen,
  amazonSns,
  notion,
  servicenow,
  zohoDesk,
  workday,
  workato,
  zapier,
  genericHmacSha256,
  genericHmacSha512,
  genericBasic,
  genericBearer,
  genericApiKeyHeader,
  genericApiKeyQuery,
  genericJwt,
  genericJwtJwks,
  genericIpAllowList,
  genericMtlsHeader,
];

const SENDERS: readonly Sender[] = ROWS.map((row) => ({
  reply: ORDINARY_REPLY,
  limits: ORDINARY_LIMITS,
  ...row,
  event: { split: "one", data: ["{event}"], ...row.event },
  sample: { headers: { "content-type": "application/json" }, ...row.sample },
}));

/** Names that people write for the sender's current or usual scheme. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ["adobe-commerce", adobeCommerce.name],
  ["dataverse", dataverseWebhookKey.name],
  ["erpnext", frappe.name],
  ["freshdesk", freshworks.name],
  ["hubspot", hubspotV3.name],
  ["monday", monday.name],
  ["odoo", odoo.name],
]);

const BY_NAME: ReadonlyMap<string, Sender> = new Map(SENDERS.map((sender) => [sender.name, sender]));

export function findScheme(name: string): Scheme | undefined {
  return findSender(name) ?? HANDSHAKES.get(name);
}

export function findSender(name: string): Sender | undefined {
  return BY_NAME.get(ALIASES.get(name) ?? name);
}

/** Every name that `scheme:` takes, in alphabetical order. */
export function schemeNames(): string[] {
  return [...new Set([...BY_NAME.keys(), ...ALIASES.keys()])].toSorted();
}

/** Every sender once, without the aliases, in the order of the documentation. */
export function senders(): readonly Sender[] {
  return SENDERS;
}
