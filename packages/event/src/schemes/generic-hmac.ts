import type { Encoding, KeyForm, Scheme, TimestampUnit } from "../scheme.ts";
import type { SenderRow } from "../sender.ts";
import { GENERIC_SAMPLE, ORDINARY_EVENT, ORDINARY_LIMITS, ORDINARY_REPLY } from "./ordinary.ts";

export type GenericHmac = {
  /** The header that carries the signature. */
  readonly header: string;
  readonly algorithm: "sha1" | "sha256" | "sha512";
  readonly encoding: Encoding;
  /** The text before the signature in its header. */
  readonly prefix: string;
  readonly key: Exclude<KeyForm, "pem-bundle">;
  readonly timestamp?: {
    readonly header: string;
    readonly unit: TimestampUnit;
    readonly toleranceSeconds: number;
  };
  /** The signed content, as a template; see `signature/signed-content.ts`. */
  readonly content: string;
};

export const GENERIC_HMAC_DEFAULTS: GenericHmac = {
  header: "x-sluice-signature",
  algorithm: "sha256",
  encoding: "hex",
  prefix: "",
  key: "utf8",
  content: "{body}",
};

/** A scheme for senders whose builder chooses how to sign: an ERP's script, an automation platform's code step. */
export function genericHmac(name: string, title: string, chosen: GenericHmac): Scheme {
  const { header, algorithm, encoding, prefix, key, timestamp, content } = chosen;
  return {
    name,
    title,
    check: {
      type: "signature",
      alg: `hmac-${algorithm}`,
      key,
      sig: {
        headers: [header],
        encoding,
        ...(prefix === "" ? { format: "plain" } : { format: "prefix", prefix }),
      },
      content,
      ...(timestamp === undefined
        ? {}
        : { ts: { header: timestamp.header, unit: timestamp.unit, toleranceSec: timestamp.toleranceSeconds } }),
    },
    event: ORDINARY_EVENT,
    reply: ORDINARY_REPLY,
    // The builder may choose the method.
    limits: { ...ORDINARY_LIMITS, methods: ["POST", "PUT", "PATCH"] },
  };
}

const SIGNING_STEPS = [
  "In the sender, call {url} with POST and a JSON body whenever a record changes.",
  "Compute the HMAC of exactly the bytes that are sent, with {secret} as the key, and put it into the header.",
  "Give each event an id in the header `x-sluice-event-id`, the same on every attempt.",
];

const SIGNING_SECRET = "Any long random text, such as 32 bytes in hexadecimal digits; the sender has the same.";

export const genericHmacSha256: SenderRow = {
  ...genericHmac("generic-hmac", "Generic HMAC", GENERIC_HMAC_DEFAULTS),
  guide: {
    sources: ["https://www.rfc-editor.org/rfc/rfc2104"],
    order:
      "Your own script or recipe: no vendor promises anything of it, so write a time that grows with each change of the record.",
    surprises: ["The HMAC is of the bytes that are sent: JSON that is written a second time has others."],
    steps: SIGNING_STEPS,
    secret: SIGNING_SECRET,
    notes: [
      "The header is `x-sluice-signature`: HMAC-SHA256 over the body, in hexadecimal digits.",
      "Header, algorithm, encoding, prefix and a signed time are parameters: `scheme: { generic-hmac: { … } }`.",
      "Without a signed time a recorded request can be replayed; its stamp is not newer, so it changes nothing.",
    ],
  },
  sample: GENERIC_SAMPLE,
};

export const genericHmacSha512: SenderRow = {
  ...genericHmac("generic-hmac-sha512", "Generic HMAC-SHA512 with a timestamp", {
    ...GENERIC_HMAC_DEFAULTS,
    algorithm: "sha512",
    prefix: "sha512=",
    timestamp: { header: "x-sluice-timestamp", unit: "s", toleranceSeconds: 300 },
    content: "{ts}.{method}.{path}.{body}",
  }),
  guide: {
    sources: ["https://www.rfc-editor.org/rfc/rfc2104"],
    order:
      "Your own script or recipe: no vendor promises anything of it, so write a time that grows with each change of the record.",
    surprises: ["Method and path are signed as well: a proxy that changes the path breaks the signature."],
    steps: SIGNING_STEPS,
    secret: SIGNING_SECRET,
    notes: [
      "The header `x-sluice-timestamp` has the seconds since 1970; five minutes of difference are allowed.",
      "Signed is `{ts}.{method}.{path}.{body}`; the header `x-sluice-signature` is `sha512=` and hexadecimal digits.",
    ],
  },
  sample: GENERIC_SAMPLE,
};
