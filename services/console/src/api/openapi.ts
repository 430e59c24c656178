import { z } from "zod";
import { errorAnswer } from "../contract/shape.ts";
import { CONSOLE_TAGS, type Operation } from "./operation.ts";

const DESCRIPTION = `What became of each event, and a hand on it. Times are RFC 3339 in UTC. Lists go on with the \`cursor\` that
\`next\` names; a page may be short, or empty, and go on all the same. Errors are \`{"error": {code, message, hint}}\`; programs go by
the code.`;

/** The API as an OpenAPI 3.1 document. */
export function openApiDocument(operations: readonly Operation[], origin: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of operations) (paths[operation.path] ??= {})[operation.method] = describe(operation);
  return {
    openapi: "3.1.1",
    info: {
      title: "Sluice console",
      version: "1",
      description: DESCRIPTION,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: origin }],
    tags: CONSOLE_TAGS.map((name) => ({ name })),
    security: [{ bearer: [] }, { cookie: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "SLUICE_ADMIN_TOKEN." },
        cookie: { type: "apiKey", in: "cookie", name: "sluice_session", description: "From POST /api/session." },
      },
      schemas: { Error: schemaOf(errorAnswer, "output") },
    },
  };
}

function describe({ id, tag, summary, role, path, query, body, answer }: Operation): object {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const content = answer.isStream === true ? "text/event-stream" : "application/json";
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(role === null ? { security: [] } : { description: `For the role \`${role}\`.` }),
    parameters: [...inPath, ...queryParameters(query)],
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { "application/json": { schema: schemaOf(body, "input") } } } }),
    responses: {
      [answer.status]: {
        description: "Done.",
        ...(answer.schema === undefined
          ? {}
          : { content: { [content]: { schema: schemaOf(answer.schema, "output") } } }),
      },
      default: {
        description: "What went wrong, and what to do next.",
        content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
      },
    },
  };
}

function queryParameters(query: z.ZodObject | undefined): readonly object[] {
  if (query === undefined) return [];
  const { properties = {} } = schemaOf(query, "input") as { properties?: Record<string, object> };
  return Object.entries(properties).map(([name, schema]) => ({ name, in: "query", schema }));
}

function schemaOf(schema: z.ZodType, io: "input" | "output"): object {
  const { $schema: _draft, ...rest } = z.toJSONSchema(schema, { io, reused: "inline", unrepresentable: "any" });
  return rest;
}
