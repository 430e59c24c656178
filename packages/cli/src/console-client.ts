import { readToken, SluiceError } from "@sluice/runtime";
import type { Settings } from "./environment.ts";

/** Where the operators' API is: options of each command that asks it. */
export type ConsoleChoice = { readonly url?: string; readonly token?: string };

/** Asks the operators' API: the embedded history belongs to the process that writes it, which answers for it. */
export type ConsoleClient = {
  get<T>(path: string, query?: Readonly<Record<string, string | undefined>>): Promise<T>;
  post<T>(path: string, body?: object): Promise<T>;
};

export function consoleClient({ env, dataDir, ports }: Settings, { url, token }: ConsoleChoice): ConsoleClient {
  const base = url ?? `http://127.0.0.1:${ports.console}`;
  const bearer = token ?? readToken("SLUICE_ADMIN_TOKEN", { env, dataDir });

  async function ask<T>(address: URL, request: RequestInit): Promise<T> {
    const headers = { authorization: `Bearer ${bearer}`, "content-type": "application/json" };
    const answer = await fetch(address, { ...request, headers }).catch((cause: unknown) => {
      throw new SluiceError(`the console at ${base} does not answer`, {
        code: "console_unreachable",
        hint: "start `sluice up` or `sluice console`, or name another address with --url",
        cause,
      });
    });
    const body: unknown = await answer.json().catch(() => ({}));
    if (answer.ok) return body as T;
    const { code, message, hint } = (body as { error?: { code: string; message: string; hint: string } }).error ?? {
      code: "console_refused",
      message: `the console at ${base} answered ${answer.status}`,
      hint: "look at its log",
    };
    throw new SluiceError(message, { code, hint });
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
