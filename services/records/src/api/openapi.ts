import type { RequestHandler } from "express";
import { answerAt, errorEnvelope, type RefusalAnswer } from "@sluice/zendesk";
import { answerName, bodyName, inlineSchema, reference, schemasOf } from "./components.ts";
import { TAGS, type Operation, type Route } from "./operation.ts";
import { originOf } from "../origin.ts";
import { PATH_PARAMETERS, type Parameter } from "./parameters.ts";
import { REFUSAL_EXAMPLES, refusalsOf } from "./refusal-examples.ts";

const DESCRIPTION = `A store that speaks the custom objects API: what a client sends to Zendesk it can send here.

Every path also answers with \`.json\` behind it. Unknown query parameters and read-only members of a body are
ignored. Times are UTC, to the second. A custom object's fields are its own: \`GET …/fields\` lists them.`;

/** Serves `/openapi.json`, to anybody: it says nothing about what the store holds. */
export function openApi(routes: readonly Route[]): RequestHandler {
  const operations = routes.map(({ operation }) => operation);
  return (request, response, next) => {
    if (request.path !== "/openapi.json" || request.method !== "GET") next();
    else response.json(openApiDocument(operations, originOf(request)));
  };
}

/** The API as an OpenAPI 3.1 document. `origin` is where it is served, as its reader sees it. */
export function openApiDocument(operations: readonly Operation[], origin: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of operations) {
    const item = (paths[operation.path] ??= {});
    item[operation.method] = describe(operation);
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "Sluice records",
      version: "2",
      description: DESCRIPTION,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: origin }],
    tags: TAGS.filter((tag) => operations.some((operation) => operation.tag === tag)).map((name) => ({ name })),
    security: [{ bearer: [] }, { basic: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "A token of the store." },
        basic: {
          type: "http",
          scheme: "basic",
          description: "The user is an e-mail address with `/token` behind it, the password is the token.",
        },
        client: { type: "http", scheme: "basic", description: "The id and the secret of an OAuth client." },
      },
      schemas: { ...schemasOf(operations) },
    },
  };
}

function describe(operation: Operation): object {
  const { id, tag, summary, description, roles, body } = operation;
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: [description, rolesSentence(roles)].filter((text) => text !== undefined).join("\n\n"),
    ...(roles.length === 0 ? { security: operation.security ?? [] } : {}),
    parameters: parametersOf(operation).map(describeParameter),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { "application/json": { schema: reference(bodyName(operation)), example: body.example } },
          },
        }),
    responses: { ...success(operation), ...failures(operation) },
  };
}

function rolesSentence(roles: Operation["roles"]): string | undefined {
  if (roles.length === 0 || roles.includes("read-only")) return undefined;
  return roles.includes("agent") ? "For agents and admins." : "For admins.";
}

function parametersOf({ path, parameters = [] }: Operation): Parameter[] {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const inPath = names.map((name) => {
    const parameter = PATH_PARAMETERS[name];
    if (parameter === undefined) throw new Error(`${path}: {${name}} is not among the parameters of paths`);
    return parameter;
  });
  return [...inPath, ...parameters];
}

function describeParameter({ name, in: place, description, schema, example }: Parameter): object {
  return {
    name,
    in: place,
    description,
    ...(place === "path" ? { required: true } : {}),
    schema: inlineSchema(schema),
    ...(example === undefined ? {} : { example }),
  };
}

function success(operation: Operation): object {
  const { status, schema, headers = {} } = operation.answer;
  return {
    [status]: {
      description: schema === undefined ? "Done; no body." : "Done.",
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: "string" } }]),
      ),
      ...(schema === undefined
        ? {}
        : { content: { "application/json": { schema: reference(answerName(operation)) } } }),
    },
  };
}

/** One response for each status; where several refusals share one, the body is any of theirs. */
function failures(operation: Operation): object {
  const byStatus = new Map<number, { name: string; answer: RefusalAnswer }[]>();
  for (const name of refusalsOf(operation)) {
    const answer = answerAt(operation.path, REFUSAL_EXAMPLES[name]);
    byStatus.set(answer.status, [...(byStatus.get(answer.status) ?? []), { name, answer }]);
  }
  return Object.fromEntries(
    [...byStatus].toSorted(([a], [b]) => a - b).map(([status, refusals]) => [status, failure(refusals)]),
  );
}

function failure(refusals: readonly { name: string; answer: RefusalAnswer }[]): object {
  const throttled = refusals.some(({ answer }) => answer.status === 429);
  const waits = refusals.some(({ answer }) => answer.retryAfterSeconds !== undefined);
  const headers = { ...(throttled ? RATE_LIMIT_HEADERS : {}), ...(waits ? RETRY_AFTER : {}) };
  const codes = refusals.map(({ answer }) => codeOf(answer));
  return {
    description: [...new Set(codes)].join(", "),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    content: {
      "application/json": {
        schema: reference("ErrorAnswer"),
        examples: Object.fromEntries(refusals.map(({ name, answer }) => [name, { value: answer.body }])),
      },
      // The vendor's older limiter sends its 429 in plain text, and so may a stand-in.
      ...(throttled ? { "text/plain": { schema: { type: "string" } } } : {}),
    },
  };
}

const RETRY_AFTER = header("Retry-After", "Seconds to wait.");

/** The headers of the account's limit (§4.1). */
const RATE_LIMIT_HEADERS = {
  ...header("X-Rate-Limit", "Requests in a minute."),
  ...header("X-Rate-Limit-Remaining", "How many of them are left."),
  ...header("ratelimit-limit", "The same as X-Rate-Limit."),
  ...header("ratelimit-remaining", "The same as X-Rate-Limit-Remaining."),
  ...header("ratelimit-reset", "Seconds until all are there again."),
};

function header(name: string, description: string): object {
  return { [name]: { description, schema: { type: "integer" } } };
}

/** The word that a client can tell the refusal by. */
function codeOf({ body }: RefusalAnswer): string {
  const parsed = errorEnvelope.parse(body);
  if ("errors" in parsed) return parsed.errors.map(({ code }) => code).join(", ");
  return typeof parsed.error === "string" ? parsed.error : parsed.error.title;
}
