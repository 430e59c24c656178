import type { Check, EventRules, MembersCheck, Scheme } from "../scheme.ts";
import { coversBody } from "../signature/signed-content.ts";
import type { SecondFactor } from "./second-factor.ts";

/** The grades of a request's proof, the best first. */
export const GRADES = ["signed body", "authenticated caller", "URL secret only"] as const;
export type Grade = (typeof GRADES)[number];

/** The grade of a source of this scheme: only a signed body can't be changed by a party that holds the connection. */
export function gradeOf({ check, event }: Scheme): Grade {
  return gradeOfCheck(check, event);
}

/** The grade in words, with the source's further demands on callers: "URL secret only, from a listed address". */
export function describeGrade(scheme: Scheme, { allowFrom, clientCertificates }: SecondFactor = {}): string {
  return [
    gradeOf(scheme),
    ...(allowFrom === undefined ? [] : ["from a listed address"]),
    ...(clientCertificates === undefined ? [] : ["with a listed certificate"]),
  ].join(", ");
}

function gradeOfCheck(check: Check, event: EventRules): Grade {
  switch (check.type) {
    case "signature":
      return coversBody(check.content) ? "signed body" : "authenticated caller";
    case "members":
      return readsSignedAlone(check, event) ? "signed body" : "authenticated caller";
    case "jwt":
      return check.bodyDigestClaim === undefined ? "authenticated caller" : "signed body";
    case "token":
      // An organisation's id, which `xml:` reads, is no secret: the URL protects.
      return /^(?:query|xml):/.test(check.from) ? "URL secret only" : "authenticated caller";
    case "basic":
    case "bearer":
    case "ip":
    case "mtls-header":
      return "authenticated caller";
    case "any": {
      const grades = check.of.map((one) => gradeOfCheck(one, event));
      return GRADES.findLast((grade) => grades.includes(grade)) ?? "URL secret only";
    }
    case "none":
      return "URL secret only";
  }
}

/** Whether everything that events are read from is a signed member, in each form of the signed content. */
function readsSignedAlone({ at, content }: MembersCheck, event: EventRules): boolean {
  const read = [...JSON.stringify(event).matchAll(/\{\??([^{}"]+)\}/g)].map(([, path = ""]) => path);
  const isSigned = (path: string): boolean =>
    content.every(({ members }) => members.some((member) => `${path}.`.startsWith(`event.${member}.`)));
  return at === undefined && event.split === "one" && read.every(isSigned);
}
