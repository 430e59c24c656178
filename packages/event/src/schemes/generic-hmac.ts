import type { Encoding, KeyForm, Scheme, TimestampUnit } from "../scheme.ts";
import { ORDINARY_EVENT, ORDINARY_LIMITS, ORDINARY_REPLY } from "./ordinary.ts";

export type GenericHmac = {
  /** The header that carries the signature. */
  readonly header: string;
  readonly algorithm: "sha1" | "sha256" | "sha512";
  readonly encoding: Encoding;
  /** Stands before the signature in its header. */
  readonly prefix: string;
  readonly key: Exclude<KeyForm, "pem-bundle">;
  readonly timestamp?: {
    readonly header: string;
    readonly unit: TimestampUnit;
    readonly toleranceSeconds: number;
  };
  /** What is signed; see `signed-content.ts`. */
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

/** For senders whose builder chooses how to sign: an ERP's script, an automation platform's code step. */
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
    limits: ORDINARY_LIMITS,
  };
}

export const genericHmacSha256 = genericHmac("generic-hmac", "Generic HMAC", GENERIC_HMAC_DEFAULTS);

export const genericHmacSha512 = genericHmac("generic-hmac-sha512", "Generic HMAC-SHA512 with a timestamp", {
  ...GENERIC_HMAC_DEFAULTS,
  algorithm: "sha512",
  prefix: "sha512=",
  timestamp: { header: "x-sluice-timestamp", unit: "s", toleranceSeconds: 300 },
  content: "{ts}.{method}.{path}.{body}",
});
