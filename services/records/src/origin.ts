import type { Request, RequestHandler } from "express";
import { isTrustedProxy } from "@sluice/runtime";

/** The settings that decide how the links of an answer begin. */
export type OriginOptions = {
  /** Where callers find the store, whatever a request says; a path stays in front of every link. */
  readonly publicUrl?: string | undefined;
  /** Addresses and ranges of the proxies that are believed about it; unless given, those on the same machine. */
  readonly trustedProxies?: readonly string[] | undefined;
};

const SAME_MACHINE = ["127.0.0.0/8", "::1"];

/** Finds out, once for each request, where its caller sees the store: `originOf` and `baseOf` tell it afterwards. */
export function knowOrigin({ publicUrl, trustedProxies = SAME_MACHINE }: OriginOptions): RequestHandler {
  const fixed = publicUrl?.replace(/\/+$/, "");
  return (request, response, next) => {
    response.locals["origin"] = fixed ?? originFrom(headerOf(request), isBelieved(request, trustedProxies));
    next();
  };
}

/** Most requests come without a proxy, and then nothing need be known of one. */
function isBelieved({ headers, socket }: Request, trustedProxies: readonly string[]): boolean {
  return (
    TOLD_BY_PROXIES.some((name) => headers[name] !== undefined) && isTrustedProxy(socket.remoteAddress, trustedProxies)
  );
}

const TOLD_BY_PROXIES = [
  "forwarded",
  "x-forwarded-proto",
  "x-forwarded-host",
  "x-forwarded-port",
  "x-forwarded-prefix",
] as const;

/** A header that comes several times is one text already; only Set-Cookie is a list. */
function headerOf({ headers }: Request): (name: string) => string | undefined {
  return (name) => {
    const value = headers[name];
    return typeof value === "string" ? value : undefined;
  };
}

/** The host with its scheme, and the path before the API where there is one, as the caller sees it. */
export function originOf(request: Request): string {
  return request.res?.locals["origin"] as string;
}

/** Where this API is, as the caller sees it; links must lead back through the same host. */
export function baseOf(request: Request): string {
  return `${originOf(request)}/api/v2`;
}

/**
 * The origin that a request's headers tell. A proxy that is believed may tell the scheme, the host, the port and the path that it
 * cut off, in X-Forwarded-… or in Forwarded (RFC 7239). If there are several values the first counts, which is the caller's side.
 */
export function originFrom(header: (name: string) => string | undefined, believed: boolean): string {
  const own = header("host");
  if (!believed) return `http://${isHost(own) ? own : "localhost"}`;
  const first = (name: string) => header(name)?.split(",")[0]?.trim();
  const forwarded = first("forwarded") ?? "";
  const scheme = [first("x-forwarded-proto"), pairOf(forwarded, "proto")].find(isScheme)?.toLowerCase() ?? "http";
  const host = [first("x-forwarded-host"), pairOf(forwarded, "host"), own].find(isHost) ?? "localhost";
  const prefix = first("x-forwarded-prefix")?.replace(/\/+$/, "") ?? "";
  return `${scheme}://${withPort(host, first("x-forwarded-port"))}${isPath(prefix) ? prefix : ""}`;
}

/** Some proxies pass the host on without its port; a port that is the scheme's usual one need not stand there. */
function withPort(host: string, port: string | undefined): string {
  const lacksIt = !/:\d+$/.test(host) && port !== undefined && /^\d{1,5}$/.test(port);
  return lacksIt && port !== "80" && port !== "443" ? `${host}:${port}` : host;
}

function pairOf(forwarded: string, name: string): string | undefined {
  for (const pair of forwarded.split(";")) {
    const [key = "", value = ""] = pair.split("=");
    if (key.trim().toLowerCase() === name) return value.trim().replace(/^"(.*)"$/, "$1");
  }
  return undefined;
}

function isScheme(text: string | undefined): text is string {
  return text !== undefined && /^https?$/i.test(text);
}

function isHost(text: string | undefined): text is string {
  return text !== undefined && /^(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/.test(text);
}

function isPath(text: string): boolean {
  return /^(?:\/[A-Za-z0-9._~%-]+)+$/.test(text);
}
