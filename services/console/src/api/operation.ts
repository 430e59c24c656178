import type { Request, Response } from "express";
import type { z } from "zod";
import type { ConsoleRole } from "../contract/session.ts";

/** The chapters of the document, in their order. */
export const CONSOLE_TAGS = [
  "Session",
  "Now",
  "Issues",
  "Events",
  "Records",
  "Dead letters",
  "Replay",
  "Reconcile",
  "Sources",
  "Destinations",
  "Tasks",
  "Try",
  "Audit",
] as const;

/**
 * A call of the API, said once: the router serves it, checks its query and its body, and the OpenAPI document describes it, all from
 * here.
 */
export type Operation = {
  /** A verb and a noun; generated clients name their method so. */
  readonly id: string;
  readonly method: "get" | "post" | "delete";
  /** From the root of the host, parameters in braces: `/api/letters/{id}`. */
  readonly path: `/api/${string}`;
  readonly tag: (typeof CONSOLE_TAGS)[number];
  readonly summary: string;
  /** Null: anybody, without a token. */
  readonly role: ConsoleRole | null;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly answer: {
    readonly status: 200 | 202 | 204;
    /** Undefined: no body. */
    readonly schema?: z.ZodType;
    /** The answer is server-sent events; `schema` is the shape of each one's data. */
    readonly isStream?: true;
  };
};

/** The input of a handler: all of it checked. */
export type Call<Declared extends Operation = Operation> = {
  readonly path: Readonly<Record<string, string>>;
  readonly query: Declared["query"] extends z.ZodType ? z.infer<Declared["query"]> : Record<string, never>;
  readonly body: Declared["body"] extends z.ZodType ? z.infer<Declared["body"]> : undefined;
  readonly caller: ConsoleCaller;
  readonly request: Request;
  readonly response: Response;
};

/** The caller of the API. */
export type ConsoleCaller = {
  readonly role: ConsoleRole;
  /** Null: the token says no name. */
  readonly name: string | null;
  readonly via: "token" | "page";
};

export type OperationAnswer<Declared extends Operation = Operation> = Declared["answer"]["schema"] extends z.ZodType
  ? z.infer<Declared["answer"]["schema"]>
  : void;

/** An operation and its handler. */
export type Route = {
  readonly operation: Operation;
  readonly handle: (call: Call) => Promise<unknown>;
};

export function operation<const Declared extends Operation>(declared: Declared): Declared {
  return declared;
}

/** A route: its handler returns the answer that the operation declares; a stream answers by itself. */
export function route<Declared extends Operation>(
  declared: Declared,
  handle: (
    call: Call<Declared>,
  ) => Promise<Declared["answer"] extends { isStream: true } ? void : OperationAnswer<Declared>>,
): Route {
  return { operation: declared, handle };
}
