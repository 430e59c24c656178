import type { RequestHandler } from "express";
import { ANSWERS, Refusal } from "@sluice/zendesk";
import { callerOf } from "../caller.ts";
import { isStorableText } from "../storable.ts";
import type { Route } from "./operation.ts";

/**
 * Serves the routes, each to the roles that its operation names. If two fit a path, the earlier one counts. A route is found by
 * its method and the number of its path's segments: Express tries the pattern of each in turn, which for some thirty of them
 * costs as much as all that is done for a record.
 */
export function routerOf(routes: readonly Route[]): RequestHandler {
  const byShape = Map.groupBy(routes.map(placeOf), ({ shape }) => shape);
  return (request, response, next) => {
    const segments = segmentsOf(request.path);
    const method = request.method === "HEAD" ? "GET" : request.method;
    const place = byShape.get(`${method} ${segments.length}`)?.find(({ pattern }) => fits(pattern, segments));
    if (place === undefined) {
      next();
      return;
    }
    const { operation, handle } = place.route;
    if (operation.roles.length > 0 && !operation.roles.includes(callerOf(response).role)) {
      throw new Refusal(ANSWERS.forbidden());
    }
    request.params = parametersOf(place.pattern, segments);
    return handle(request, response, next);
  };
}

/**
 * Answers OPTIONS with the methods of a path, to anybody: the document says no less. The answer grants no other origin anything, so that a page in
 * a browser can't reach the API from elsewhere.
 */
export function optionsOf(routes: readonly Route[]): RequestHandler {
  const places = routes.map(placeOf);
  return (request, response, next) => {
    if (request.method !== "OPTIONS") return next();
    const segments = segmentsOf(request.path);
    const fitting = places.filter(({ pattern }) => pattern.length === segments.length && fits(pattern, segments));
    if (fitting.length === 0) return next();
    // `records/search` is no record, although its path looks like one's.
    const most = Math.max(...fitting.map(literals));
    const here = fitting.filter((place) => literals(place) === most);
    const methods = new Set(here.map(({ route }) => route.operation.method.toUpperCase()));
    if (methods.has("GET")) methods.add("HEAD");
    response
      .status(204)
      .set("Allow", [...methods, "OPTIONS"].toSorted().join(", "))
      .end();
  };
}

function literals({ pattern }: Place): number {
  return pattern.filter((segment) => "literal" in segment).length;
}

/** A route's path, cut into its segments. */
type Place = { readonly route: Route; readonly shape: string; readonly pattern: readonly Segment[] };
type Segment = { readonly literal: string } | { readonly parameter: string };

function placeOf(route: Route): Place {
  const { method, path } = route.operation;
  const pattern = segmentsOf(path).map((segment): Segment => {
    const parameter = /^\{(\w+)\}$/.exec(segment)?.[1];
    return parameter === undefined ? { literal: segment } : { parameter };
  });
  return { route, shape: `${method.toUpperCase()} ${pattern.length}`, pattern };
}

/** One slash at the end counts for nothing. */
function segmentsOf(path: string): string[] {
  return (path.length > 1 && path.endsWith("/") ? path.slice(1, -1) : path.slice(1)).split("/");
}

/** Compares a path with a pattern. The case of the literal segments does not matter. */
function fits(pattern: readonly Segment[], segments: readonly string[]): boolean {
  return pattern.every((segment, at) => {
    const given = segments[at] ?? "";
    if ("parameter" in segment) return given !== "";
    return given === segment.literal || given.toLowerCase() === segment.literal;
  });
}

/**
 * A key or an id that can't be kept is a 404: nothing has it.
 * @throws Refusal 400 where an escape spells no text, 404
 */
function parametersOf(pattern: readonly Segment[], segments: readonly string[]): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const [at, segment] of pattern.entries()) {
    if (!("parameter" in segment)) continue;
    const text = decoded(segments[at] ?? "");
    if (!isStorableText(text)) throw new Refusal(ANSWERS.recordNotFound());
    parameters[segment.parameter] = text;
  }
  return parameters;
}

function decoded(segment: string): string {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch (cause) {
    throw new Refusal(ANSWERS.invalidParameter("The request can't be read"), { cause });
  }
}
