import type { Request, RequestHandler } from "express";
import type { z } from "zod";
import type { ANSWERS } from "@sluice/zendesk";
import type { Role } from "../caller.ts";
import type { Parameter } from "./parameters.ts";

/** The chapters of the document, in their order. */
export const TAGS = ["Records", "Bulk jobs", "Search", "Export", "Objects", "Fields", "Limits", "OAuth"] as const;

/**
 * A call of the API, said once: the router serves it and the OpenAPI document describes it, both from here.
 * A handler's further needs, which are not in this declaration, are not part of the API.
 */
export type Operation<Path extends string = string> = {
  /** A verb and a noun: generated clients name their method so. */
  readonly id: string;
  readonly method: "get" | "post" | "patch" | "put" | "delete";
  /** The path from the root of the host, parameters in braces: `/api/v2/custom_objects/{object}`. */
  readonly path: Path;
  readonly tag: (typeof TAGS)[number];
  readonly summary: string;
  readonly description?: string;
  /** The roles that may call the operation; an empty list: anybody, without a token. */
  readonly roles: readonly Role[];
  /** OpenAPI's security requirement, where something else than a caller's token opens the operation. */
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  /** Parameters of the query and the headers; those of the path follow from `path`. */
  readonly parameters?: readonly Parameter[];
  readonly body?: { readonly schema: z.ZodType; readonly example: unknown };
  readonly answer: {
    readonly status: 200 | 201 | 204;
    /** Undefined: no body. */
    readonly schema?: z.ZodType;
    readonly headers?: Readonly<Record<string, string>>;
  };
  /** Refusals beyond those that follow from the roles, the path and the body. */
  readonly refusals?: readonly RefusalName[];
};

export type RefusalName = keyof typeof ANSWERS;

/** Keeps the path's own type, from which the handler knows its parameters. */
export function operation<const Path extends string>(declared: Operation<Path>): Operation<Path> {
  return declared;
}

/** An operation and its handler. */
export type Route = { readonly operation: Operation; readonly handle: RequestHandler };

export function route<Path extends string>(
  declared: Operation<Path>,
  handle: RequestHandler<PathParameters<Path>>,
): Route {
  return { operation: declared, handle: handle as unknown as RequestHandler };
}

/** `{ object: string; id: string }` of `/…/{object}/records/{id}`. */
type PathParameters<Path extends string> = [NamesIn<Path>] extends [never]
  ? Request["params"]
  : Record<NamesIn<Path>, string>;

type NamesIn<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never;

export const EVERYBODY: readonly Role[] = ["read-only", "agent", "admin"];
export const WRITERS: readonly Role[] = ["agent", "admin"];
export const ADMINS: readonly Role[] = ["admin"];
