import { readCloudEvents } from "./cloudevents.ts";
import type { Json } from "../event.ts";
import { readDataverse } from "./dataverse-body.ts";
import { parseJson } from "./json.ts";
import { readOutboundMessage } from "./outbound-message.ts";
import { onlyHeader, type WebhookRequest } from "../request.ts";
import type { Scheme } from "../scheme.ts";
import { UnreadableBodyError } from "./unreadable-body.ts";
import { decodeUtf8 } from "./utf8.ts";

/**
 * A request's body as one JSON value, whatever form its sender writes.
 * @throws UnreadableBodyError
 */
export function parseBody(scheme: Scheme, request: WebhookRequest): Json {
  if (request.body.length === 0 && scheme.event.emptyBody === true) return {};
  switch (scheme.body ?? "json") {
    case "json":
      return parseJson(request.body);
    case "form":
      return isForm(request) ? readForm(request.body) : parseJson(request.body);
    case "cloudevents":
      return readCloudEvents(request);
    case "dataverse":
      return readDataverse(request.body);
    case "salesforce-soap":
      return readOutboundMessage(request.body).body;
  }
}

/** Whether the request says that its body is form fields. */
export function isForm(request: WebhookRequest): boolean {
  const type = onlyHeader(request, "content-type") ?? "";
  return /^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(type);
}

/** Form fields by name. The field `payload`, alone or beside others, is JSON: GitHub and Slack send it so. */
function readForm(bytes: Uint8Array): Json {
  const fields = new URLSearchParams(decodeUtf8(bytes));
  const payload = fields.get("payload");
  if (payload !== null) return parseJson(Buffer.from(payload, "utf8"));
  const members = new Map<string, string>();
  for (const [name, value] of fields) {
    if (members.has(name)) throw formError(`has the field "${name.slice(0, 60)}" twice`);
    if (`${name}${value}`.includes("\0")) throw formError("holds a NUL character");
    members.set(name, value);
  }
  members.delete("__proto__");
  if (members.size === 0) throw formError("is empty");
  return Object.fromEntries(members);
}

function formError(what: string): UnreadableBodyError {
  return new UnreadableBodyError(`The form ${what}`, "Send every field once, as application/x-www-form-urlencoded.");
}
