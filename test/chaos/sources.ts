import { createHmac } from "node:crypto";

/**
 * The senders, in the order of the configuration, which is their rank: three schemes, each signed here as its
 * vendor describes it, by nothing of the product.
 */
export const SOURCES = ["hub", "erp", "shop"] as const;
export type SourceName = (typeof SOURCES)[number];

export type SignedRequest = { readonly headers: Readonly<Record<string, string>>; readonly body: string };

type Sender = {
  /** The scheme, as `sluice.yaml` has it. */
  readonly scheme: string;
  readonly secret: string;
  readonly publicUrl?: string;
  /** Events in one request, at most. */
  readonly batch: number;
  /** `elements`: the events as they go over the wire; `id`: the only event's id, where a request has one. */
  sign(elements: readonly object[], id: string, nowMs: number): SignedRequest;
};

const JSON_TYPE = { "content-type": "application/json" };
const HUB_URL = "https://hooks.example.com/webhooks/hub";
const HUB_SECRET = "hub-chaos-secret";
const SHOP_SECRET = "shop-chaos-secret";
const ERP_KEY = Buffer.from("erp-chaos-secret-of-32-bytes-len");

export const SENDERS: Readonly<Record<SourceName, Sender>> = {
  hub: {
    scheme: "hubspot-v3",
    secret: HUB_SECRET,
    publicUrl: HUB_URL,
    batch: 100,
    sign(elements, _id, nowMs) {
      const body = JSON.stringify(elements);
      const signature = createHmac("sha256", HUB_SECRET).update(`POST${HUB_URL}${body}${nowMs}`).digest("base64");
      const headers = { "x-hubspot-signature-v3": signature, "x-hubspot-request-timestamp": String(nowMs) };
      return { headers: { ...JSON_TYPE, ...headers }, body };
    },
  },
  erp: {
    scheme: "standard-webhooks",
    secret: `whsec_${ERP_KEY.toString("base64")}`,
    batch: 1,
    sign(elements, id, nowMs) {
      const body = JSON.stringify(elements[0]);
      const seconds = String(Math.floor(nowMs / 1000));
      const signature = createHmac("sha256", ERP_KEY).update(`${id}.${seconds}.${body}`).digest("base64");
      const headers = { "webhook-id": id, "webhook-timestamp": seconds, "webhook-signature": `v1,${signature}` };
      return { headers: { ...JSON_TYPE, ...headers }, body };
    },
  },
  shop: {
    scheme: `{ generic-hmac: { header: x-shop-signature, event: { split: many, id: "{event.id}", type: "{event.kind}" } } }`,
    secret: SHOP_SECRET,
    batch: 100,
    sign(elements) {
      const body = JSON.stringify(elements);
      const signature = createHmac("sha256", SHOP_SECRET).update(body).digest("hex");
      return { headers: { ...JSON_TYPE, "x-shop-signature": signature }, body };
    },
  },
};
