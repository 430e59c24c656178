import type { Encoding, SignatureCheck } from "../scheme.ts";

/** The most common signature: an HMAC-SHA256 over the body as it is, in one header, without a time. */
export function signedBody(header: string, encoding: Encoding, prefix = ""): SignatureCheck {
  return {
    type: "signature",
    alg: "hmac-sha256",
    key: "utf8",
    sig: { headers: [header], encoding, ...(prefix === "" ? { format: "plain" } : { format: "prefix", prefix }) },
    content: "{body}",
  };
}
