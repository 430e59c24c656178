import { createHmac } from "node:crypto";
import type { Server } from "node:http";
import { readScheme } from "@sluice/event";
import request from "supertest";
import { NOW_MS, openDoor } from "../door.fixture.ts";

/**
 * Requests that differ by little from what a sender sends, made from the senders' rules with node:crypto and not
 * with the engine that judges them: some look alike and are not the same, others look odd and are authentic.
 */
export type NearMiss = readonly [scheme: string, why: string, authentic: boolean, sending: Sending];

type Headers = { readonly [name: string]: string | string[] };
export type Rest = {
  readonly url?: string;
  readonly publicUrl?: string;
  readonly method?: "post" | "get" | "put" | "patch" | "delete" | "options" | "head";
  readonly body?: string;
  readonly trustedProxies?: readonly string[];
  /** The answer's status, where that is the point. */
  readonly status?: number;
};
type Sending = Rest & { readonly secrets: readonly string[]; readonly headers: Headers };

export const NOW_SECONDS = NOW_MS / 1_000;
export const PUBLIC = "https://in.example.com/webhooks/shop";
export const TEXT = '{"event":{"id":"1"},"id":"1","type":"a"}';

export function near(
  scheme: string,
  why: string,
  authentic: boolean,
  secrets: string | readonly string[],
  headers: Headers = {},
  rest: Rest = {},
): NearMiss {
  return [scheme, why, authentic, { secrets: typeof secrets === "string" ? [secrets] : secrets, headers, ...rest }];
}

export function hmac(
  key: string | Buffer,
  content: string,
  encoding: "hex" | "base64" | "base64url" = "hex",
  algorithm = "sha256",
): string {
  return createHmac(algorithm, key).update(content).digest(encoding);
}

export function base64(text: string | Buffer): string {
  return Buffer.from(text).toString("base64");
}

/** The door's judgement of a request: verdict, answer, and how many events were stored. */
export async function judge(scheme: string, { secrets, headers, ...rest }: Sending) {
  const { trustedProxies, publicUrl, method = "post", url = "", body = TEXT } = rest;
  const { door, server } = doorOf(scheme, secrets, publicUrl, trustedProxies);
  const before = { lines: door.lines.length, admitted: door.admitted.length };
  const client = request(server);
  const sending = client[method](`/webhooks/shop${url}`).serialize((raw: unknown) => raw as string);
  // A list goes out as so many headers of one name; the client's types do not say so.
  for (const [name, value] of Object.entries(headers)) sending.set(name, value as string);
  const { status } = await (body === "" ? sending : sending.send(body));
  // It may be written behind the answer.
  while (door.lines.length === before.lines) await new Promise((resolve) => setImmediate(resolve));
  const { code } = JSON.parse(door.lines[before.lines] ?? "{}") as { code?: string };
  return { status, code, authentic: code !== "not_authentic", admitted: door.admitted.length - before.admitted };
}

type Listening = { readonly door: ReturnType<typeof openDoor>; readonly server: Server };
const doors = new Map<string, Listening>();

/** To open a door takes longer than a hundred of its answers. */
function doorOf(
  scheme: string,
  secrets: readonly string[],
  publicUrl: string | undefined,
  trustedProxies: readonly string[] | undefined,
): Listening {
  const key = JSON.stringify([scheme, secrets, publicUrl, trustedProxies]);
  const found = doors.get(key);
  if (found !== undefined) return found;
  const source = {
    name: "shop",
    scheme: readScheme(scheme),
    secrets: secrets.map((value, index) => ({ value, number: index + 1, notAfterMs: null })),
    bodyLimitBytes: 100_000,
    ...(publicUrl === undefined ? {} : { publicUrl }),
  };
  const door = openDoor({ sources: [source], ...(trustedProxies === undefined ? {} : { trustedProxies }) });
  const listening = { door, server: door.app.listen(0, "127.0.0.1").unref() };
  doors.set(key, listening);
  return listening;
}
