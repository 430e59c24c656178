import { findToken, SluiceError } from "@sluice/runtime";
import type { Settings } from "../environment.ts";
import { checkedUrl } from "./checked-url.ts";

/** Where the operators' API is: options of each command that asks it. */
export type ConsoleChoice = { readonly url?: string; readonly token?: string };

/** Asks the operators' API: the embedded history belongs to the process that writes it, which answers for it. */
export type ConsoleClient = {
  get<T>(path: string, query?: Readonly<Record<string, string | undefined>>): Promise<T>;
  post<T>(path: string, body?: object): Promise<T>;
};

/** @throws SluiceError `option_invalid` */
export function consoleClient(
  { env, dataDir, ports }: Pick<Settings, "env" | "dataDir" | "ports">,
  { url, token }: ConsoleChoice,
): ConsoleClient {
  const base = url === undefined ? `http://127.0.0.1:${ports.console}` : checkedUrl(url, "http://127.0.0.1:8082");
  const bearer = token ?? findToken("SLUICE_ADMIN_TOKEN", { env, dataDir });

  async function ask<T>(address: URL, request: RequestInit): Promise<T> {
    const authorization = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
    const headers = { ...authorization, "content-type": "application/json" };
    const answer = await fetch(address, { ...request, headers }).catch((cause: unknown) => {
      throw new SluiceError(`the console at ${base} does not answer`, {
        code: "console_unreachable",
        hint: "start `sluice up` or `sluice console`, or name another address with --url",
        cause,
      });
    });
    const body: unknown = await answer.json().catch(() => null);
    if (answer.ok && body !== null) return body as T;
    throw refusalOf(answer.status, body, base);
  }

  return {
    async get(path, query = {}) {
      const address = new URL(path, base);
      for (const [name, value] of Object.entries(query)) if (value !== undefined) address.searchParams.set(name, value);
      return await ask(address, {});
    },
    post: async (path, body = {}) => await ask(new URL(path, base), { method: "POST", body: JSON.stringify(body) }),
  };
}

/** Hints for whoever types commands, where the API's own speak of requests. */
const HINTS: Readonly<Record<string, string>> = {
  unauthenticated: "give its token with --token or SLUICE_ADMIN_TOKEN: `sluice up` prints it at its start",
  forbidden: "SLUICE_READ_TOKEN changes nothing: give SLUICE_ADMIN_TOKEN's with --token",
  event_unknown: "it may be older than what is kept; `sluice events --event ID` searches by a sender's id",
  record_unknown: "objects and keys are told apart by every letter; --name takes the key for its name",
};

type Said = { readonly code: string; readonly message: string; readonly hint: string };

function refusalOf(status: number, body: unknown, base: string): SluiceError {
  const said = (body as { error?: Partial<Said> } | null)?.error;
  const { code, message, hint } = said ?? {};
  const isConsoles = typeof code === "string" && message !== undefined && hint !== undefined;
  // The door answers in the same form, and has nothing below /api.
  if (!isConsoles || (status === 404 && code === "source_unknown")) return strangerAt(base, status);
  const where = code === "unauthenticated" ? `the console at ${base}: ` : "";
  return new SluiceError(`${where}${message}`, { code, hint: HINTS[code] ?? hint });
}

function strangerAt(base: string, status: number): SluiceError {
  return new SluiceError(`${base} answered ${status}, and not as the console does`, {
    code: "console_refused",
    hint:
      status >= 500
        ? "look at its log, or at that of the proxy before it"
        : "name the console's address with --url; it listens on port 8082 unless SLUICE_CONSOLE_PORT says otherwise",
  });
}
