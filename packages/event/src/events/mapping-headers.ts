import { isCredentialName } from "../kept/credential-name.ts";
import type { Event } from "../event.ts";
import type { WebhookRequest } from "../request.ts";

/**
 * The headers that mappings may see of a request without its credentials. Headers that are named like a credential, and were
 * left only because the scheme's own rules read them, such as the time of a signature, are not among them.
 */
export function mappingHeaders(request: WebhookRequest): Event["headers"] {
  // `fromEntries` defines members and never calls a setter, so a header "__proto__" is only a name.
  return Object.fromEntries(
    [...request.headers].filter(([name]) => !isCredentialName(name)).map(([name, values]) => [name, values.join(", ")]),
  );
}
