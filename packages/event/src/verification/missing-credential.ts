import { receivedQuery, type WebhookRequest } from "../request.ts";
import type { Check } from "../scheme.ts";

/**
 * True where a request can't be authentic whatever its body is: the header or parameter with its proof is not
 * there. Checked before the body is read, since strangers get little of our memory.
 */
export function missesCredential(check: Check, request: Pick<WebhookRequest, "headers" | "query" | "url">): boolean {
  const lacks = (name: string): boolean => !request.headers.has(name);
  switch (check.type) {
    case "signature":
      return check.sig.headers.every(lacks) && (check.stronger?.sig.headers.every(lacks) ?? true);
    case "basic":
    case "bearer":
      return lacks("authorization");
    case "jwt":
      return lacks(check.header);
    case "mtls-header":
      return lacks(check.fingerprintHeader);
    case "token": {
      const [place = "", name = ""] = check.from.split(":");
      if (place === "header") return lacks(name);
      return place === "query" && !new URLSearchParams(receivedQuery(request)).has(name);
    }
    case "any":
      return check.of.every((one) => missesCredential(one, request));
    case "ip":
    case "members":
    case "none":
      return false;
  }
}
