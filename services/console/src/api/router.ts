import { Router, json, type Request, type RequestHandler, type Response } from "express";
import type { z } from "zod";
import { isQueueUnavailable } from "./unavailable.ts";
import { LIMITS } from "../limits.ts";
import { Fault, type FaultCode } from "./fault.ts";
import type { Call, ConsoleCaller, Operation, Route } from "./operation.ts";

/** Serves the routes, each to the role that its operation names, with query and body checked. */
export function routerOf(routes: readonly Route[], whoAsks: (request: Request) => ConsoleCaller | null): Router {
  const router = Router();
  const readJson = json({ limit: LIMITS.bodyBytes, strict: true });
  for (const { operation, handle } of routes) {
    const path = operation.path.replaceAll(/\{(\w+)\}/g, ":$1");
    const serve: RequestHandler = async (request, response) => {
      const caller = allowed(operation, request, whoAsks(request));
      const call: Call = {
        path: request.params as Record<string, string>,
        query: checked(operation.query, request.query, "query_invalid") as Record<string, never>,
        body: checked(operation.body, bodyOf(request), "body_invalid") as undefined,
        caller,
        request,
        response,
      };
      await answer(operation, response, async () => await handle(call));
    };
    router[operation.method](path, ...(operation.body === undefined ? [] : [readJson]), serve);
  }
  return router;
}

const NOBODY: ConsoleCaller = { role: "read", name: null, via: "token" };

function allowed(operation: Operation, request: Request, caller: ConsoleCaller | null): ConsoleCaller {
  const stranger = operation.method === "get" ? null : strangerOf(request);
  if (stranger !== null) throw new Fault("origin_refused", `a page of another site (${stranger}) asked for a change`);
  if (operation.role === null) return caller ?? NOBODY;
  if (caller === null) throw new Fault("unauthenticated", "no token that is known came with the request");
  if (operation.role === "operate" && caller.role !== "operate") {
    throw new Fault("forbidden", `${operation.id} needs the role "operate"`);
  }
  return caller;
}

/**
 * The page of another site that asks; null: there is none. A browser sends the cookie with requests of any page of this host, on whatever port,
 * and says whose page it is: in `Sec-Fetch-Site`, or in `Origin` alone where the host has no TLS.
 */
function strangerOf(request: Request): string | null {
  const site = request.get("sec-fetch-site");
  if (site !== undefined) return site === "same-origin" || site === "none" ? null : site;
  const origin = request.get("origin");
  // A page can't send these headers to another site without asking first, and is refused then.
  if (origin === undefined || request.get("authorization") !== undefined) return null;
  // Each proxy adds its own behind a comma: the first is the one that the browser asked.
  const own = request.get("x-forwarded-host")?.split(",", 1)[0]!.trim() ?? request.get("host");
  return URL.parse(origin)?.host === own ? null : origin;
}

/** The body as it was read; a request without one says nothing. @throws Fault `body_invalid` for one that is no JSON: it is not passed over */
function bodyOf(request: Request): unknown {
  if (request.body !== undefined) return request.body;
  const isSent = request.get("transfer-encoding") !== undefined || Number(request.get("content-length") ?? 0) > 0;
  if (isSent) throw new Fault("body_invalid", `the body is ${request.get("content-type") ?? "of no type"}`);
  return {};
}

function checked(schema: z.ZodType | undefined, value: unknown, code: FaultCode): unknown {
  if (schema === undefined) return undefined;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const at = issue?.path.join(".") ?? "";
  throw new Fault(code, `${at === "" ? "" : `${at}: `}${issue?.message ?? "can't be read"}`);
}

async function answer(
  { answer: { status, isStream } }: Operation,
  response: Response,
  handle: () => Promise<unknown>,
): Promise<void> {
  let body: unknown;
  try {
    body = await handle();
  } catch (error) {
    if (isQueueUnavailable(error)) throw new Fault("queue_unavailable", "Redis does not answer", { cause: error });
    throw error;
  }
  if (isStream === true) return;
  response.status(status);
  if (body === undefined) response.end();
  else response.json(body);
}
