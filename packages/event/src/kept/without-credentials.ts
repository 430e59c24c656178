import { blankJson, EACH, type JsonPath } from "./blank-json.ts";
import { blankSoap } from "./blank-soap.ts";
import { isCredentialName } from "./credential-name.ts";
import { credentialPlaces, type CredentialPlaces } from "./credential-places.ts";
import { isForm } from "../body/read-body.ts";
import { receivedQuery, type WebhookRequest } from "../request.ts";
import type { EventRules, Scheme } from "../scheme.ts";
import { decodeUtf8Whole } from "../body/utf8.ts";

/**
 * A request that was verified, without its proof and other credentials: without the headers and parameters that the scheme
 * names or that are named like a credential, and with the places of the body blank that the scheme names. The parts that it
 * reads events from are still there, and a second time changes nothing more. `url` loses its query to `query`.
 */
export function withoutCredentials(scheme: Scheme, request: WebhookRequest): WebhookRequest {
  const { isHeaderHidden, hiddenParameters, readParameters, blank } = planOf(scheme);
  const question = request.url.indexOf("?");
  const headers = new Map<string, readonly string[]>();
  for (const [name, values] of request.headers) if (!isHeaderHidden(name)) headers.set(name, values);
  return {
    method: request.method,
    url: question < 0 ? request.url : request.url.slice(0, question),
    path: request.path,
    query: withoutParameters(receivedQuery(request), (name) =>
      hiddenParameters.has(name) ? true : isCredentialName(name) && !readParameters.has(name),
    ),
    headers,
    body: blank === undefined ? request.body : blank(request),
  };
}

/** The query without hidden parameters; where none is hidden, as it was received. */
function withoutParameters(query: string, isHidden: (name: string) => boolean): string {
  if (query === "") return query;
  const parameters = new URLSearchParams(query);
  const hidden = [...parameters.keys()].filter(isHidden);
  for (const name of hidden) parameters.delete(name);
  return hidden.length === 0 ? query : parameters.toString();
}

type Plan = {
  readonly isHeaderHidden: (name: string) => boolean;
  readonly hiddenParameters: ReadonlySet<string>;
  readonly readParameters: ReadonlySet<string>;
  /** Undefined where the scheme's bodies hold no credential. */
  readonly blank: ((request: WebhookRequest) => Uint8Array) | undefined;
};

/** Plans, each made once for a scheme: every webhook goes through one. */
const PLANS = new WeakMap<Scheme, Plan>();

function planOf(scheme: Scheme): Plan {
  let plan = PLANS.get(scheme);
  if (plan === undefined) {
    plan = makePlan(scheme);
    PLANS.set(scheme, plan);
  }
  return plan;
}

function makePlan(scheme: Scheme): Plan {
  const places = credentialPlaces(scheme.check);
  const { omit = [] } = scheme.event;
  const isCloudEvents = scheme.body === "cloudevents";
  // In binary mode an event's members are headers.
  const hidden = new Set([...places.headers, ...(isCloudEvents ? omit.map((name) => `ce-${name}`) : [])]);
  const read = new Set(placeholders(scheme.event, "header"));
  const isPart = (name: string): boolean => read.has(name) || (isCloudEvents && name.startsWith("ce-"));
  return {
    isHeaderHidden: (name) => hidden.has(name) || (isCredentialName(name) && !isPart(name)),
    hiddenParameters: new Set(places.parameters),
    readParameters: new Set(placeholders(scheme.event, "query")),
    blank: blankerOf(scheme, places),
  };
}

/** The headers or parameters that event rules read. */
function placeholders(rules: EventRules, kind: "header" | "query"): string[] {
  return [...JSON.stringify(rules).matchAll(/\{\??(header|query):([^{}]+)\}/g)].flatMap(([, place, name = ""]) =>
    place === kind ? [name] : [],
  );
}

function blankerOf(scheme: Scheme, { json }: CredentialPlaces): Plan["blank"] {
  if (scheme.body === "salesforce-soap") return (request) => Buffer.from(blankSoap(decodeUtf8Whole(request.body)));
  const { omit = [] } = scheme.event;
  const paths = [...json.flatMap(tokenPaths), ...omit.flatMap((name) => memberPaths(scheme.event.split, name))];
  if (paths.length === 0) return undefined;
  return (request) => {
    const text = decodeUtf8Whole(request.body);
    const blanked = scheme.body === "form" && isForm(request) ? blankForm(text, paths) : blankJson(text, paths);
    return blanked === text ? request.body : Buffer.from(blanked);
  };
}

/** The paths of a token. A body that is an array is taken element by element, as `jsonValues` does. */
function tokenPaths(path: string): JsonPath[] {
  const steps = stepsOf(path);
  return [steps, [EACH, ...steps]];
}

/** The places in the body of an event's member, or of a member that is carried along to it. */
function memberPaths(split: EventRules["split"], name: string): JsonPath[] {
  const whole: JsonPath[] = [[name], [EACH, name]];
  if (split === "one") return [[name]];
  if (split === "many") return whole;
  const { at, carry = [], otherwise } = split;
  const steps = [...stepsOf(at), ...(at.endsWith("[]") ? [] : [EACH])];
  const carriers = carry.includes(name)
    ? steps.flatMap((step, index) => (step === EACH ? [[...steps.slice(0, index + 1), name]] : []))
    : [];
  return [[...steps, name], ...carriers, ...(otherwise === undefined ? [] : whole)];
}

function stepsOf(path: string): JsonPath {
  return path.split(".").flatMap((step) => (step.endsWith("[]") ? [step.slice(0, -2), EACH] : [step]));
}

/** Blanks the fields of these names, and the values at the paths in JSON that a field holds. */
function blankForm(text: string, paths: readonly JsonPath[]): string {
  const fields = [...new URLSearchParams(text.replace(/^\uFEFF/, ""))];
  const isBlank = (name: string): boolean => paths.some((path) => path.length === 1 && path[0] === name);
  const blanked = fields.map(([name, value]): [string, string] => [
    name,
    name === "payload" ? blankJson(value, paths) : isBlank(name) ? "" : value,
  ]);
  return blanked.every(([, value], index) => value === fields[index]?.[1])
    ? text
    : new URLSearchParams(blanked).toString();
}
