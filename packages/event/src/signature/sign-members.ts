import type { Json } from "../event.ts";
import { withEach } from "../body/json-values.ts";
import { readSecretKey } from "./key.ts";
import { algorithmOf, membersContent, signedObjects } from "./member-signature.ts";
import { byPrivateKey, digestOf } from "./proof.ts";
import type { MembersCheck } from "../scheme.ts";
import { writeInstant } from "../time.ts";

/**
 * The body with a signature in each of its signed objects, which get the present time where the check wants one there. Undefined where
 * the body has none, or the secret is no key that signs.
 */
export function signMembers(
  check: MembersCheck,
  body: Uint8Array,
  secret: string,
  nowMs: number,
): Uint8Array | undefined {
  if (signedObjects(check, body).length === 0) return undefined;
  const written = JSON.parse(Buffer.from(body).toString("utf8")) as Json;
  const inside = (path: string): string => (check.at === undefined ? path : `${check.at}.${path}`);
  const { ts } = check;
  const stamped = ts === undefined ? written : withEach(written, inside(ts.from), () => writeInstant(nowMs, ts.unit));
  const signatures: string[] = [];
  for (const object of signedObjects(check, Buffer.from(JSON.stringify(stamped)))) {
    const signature = signatureOf(check, object, secret);
    if (signature === undefined) return undefined;
    signatures.push(signature.toString(check.encoding));
  }
  return Buffer.from(JSON.stringify(withEach(stamped, inside(check.signature), () => signatures.shift() ?? "")));
}

function signatureOf(check: MembersCheck, object: Json, secret: string): Buffer | undefined {
  const content = membersContent(check, object);
  const alg = algorithmOf(check, object);
  if (content === undefined || alg === undefined) return undefined;
  const key = readSecretKey(check, secret);
  return key?.kind === "secret" ? digestOf(alg, key.key, content) : byPrivateKey(alg, content, secret);
}
