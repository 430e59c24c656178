import type { z } from "zod";
import type { OPERATIONS } from "../../../src/api/operations.ts";
import { ROUTES, type CallName } from "./routes.ts";

type Operations = typeof OPERATIONS;
type Given<Operation, Part extends "query" | "body"> =
  Operation extends Record<Part, infer Schema extends z.ZodType> ? z.input<Schema> : undefined;

export type QuestionOf<Name extends CallName> = {
  /** The values of the names in the call's path. */
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Given<Operations[Name], "query">;
  readonly body?: Given<Operations[Name], "body">;
};

export type AnswerOf<Name extends CallName> = Operations[Name]["answer"] extends {
  schema: infer Schema extends z.ZodType;
}
  ? z.infer<Schema>
  : null;

/** A no of the API; `code` says which one. */
export class ApiFault extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string;

  constructor(status: number, { code, message, hint }: { code: string; message: string; hint: string }) {
    super(message);
    this.name = "ApiFault";
    this.status = status;
    this.code = code;
    this.hint = hint;
  }
}

/** Calls the API. @throws ApiFault for every failure, an API that is not there (`unreachable`) too */
export async function call<Name extends CallName>(
  name: Name,
  { path, query, body }: QuestionOf<Name> = {},
  signal?: AbortSignal,
): Promise<AnswerOf<Name>> {
  const method = ROUTES[name].split(" ", 1)[0]!.toUpperCase();
  let response: Response;
  try {
    response = await fetch(addressOf(name, path, query), {
      method,
      ...(signal === undefined ? {} : { signal }),
      // The API knows a change by its media type; a change without a body sends an empty one.
      ...(method === "POST"
        ? { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body ?? {}) }
        : {}),
    });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new ApiFault(0, UNREACHABLE);
  }
  if (!response.ok) throw await faultOf(response);
  const text = await response.text();
  return (text === "" ? null : JSON.parse(text)) as AnswerOf<Name>;
}

/** The address of a call, for `fetch` and `EventSource`. Members of the query that say nothing are left out. */
export function addressOf(name: CallName, path: Readonly<Record<string, string>> = {}, query: object = {}): string {
  const [, pattern = ""] = ROUTES[name].split(" ", 2);
  const address = pattern.replaceAll(/\{(\w+)\}/g, (_all, part: string) => encodeURIComponent(path[part] ?? ""));
  const said = Object.entries(query as Record<string, unknown>).filter(
    ([, value]) => value !== undefined && value !== "",
  );
  const text = new URLSearchParams(said.map(([key, value]) => [key, String(value)])).toString();
  return text === "" ? address : `${address}?${text}`;
}

const UNREACHABLE = {
  code: "unreachable",
  message: "Sluice's console does not answer",
  hint: "the page tries again by itself; look whether its process runs",
};

async function faultOf(response: Response): Promise<ApiFault> {
  try {
    const { error } = (await response.json()) as { error: { code: string; message: string; hint: string } };
    return new ApiFault(response.status, error);
  } catch {
    return new ApiFault(response.status, {
      code: "unreadable",
      message: `the answer (${response.status}) is none of Sluice's`,
      hint: "a proxy between may have made it",
    });
  }
}
