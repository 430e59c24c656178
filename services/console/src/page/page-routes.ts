import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { Router, type RequestHandler, type Response } from "express";
import { SluiceError, type Clock, type Log } from "@sluice/runtime";
import { LIMITS } from "../limits.ts";
import { builtPage, type BuiltPage } from "./built-page.ts";

/** The page's policy: everything comes from this server; nobody shows the page in a frame; a form goes nowhere. */
const POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
};

type Served = { readonly type: string; readonly plain: Buffer; readonly packed: Buffer; readonly etag: string };

export type PageOptions = {
  readonly log: Log;
  readonly clock: Clock;
  readonly read?: () => Promise<BuiltPage>;
};

/** Serves the page. It is read, and built where it must be, at the first request for it: the API never waits for it. */
export function pageRoutes({ log, clock, read = builtPage }: PageOptions): Router {
  let opened: Promise<ReadonlyMap<string, Served>> | undefined;
  let failed: { readonly error: unknown; readonly atMs: number } | undefined;
  const open = async (): Promise<ReadonlyMap<string, Served>> => {
    // Anybody may ask for the page: a build that fails costs its seconds of processor time once in a while, and not at each request.
    if (failed !== undefined && Math.abs(clock.nowMs() - failed.atMs) < LIMITS.pageFailureMs) throw failed.error;
    opened ??= read().then(packed);
    try {
      return await opened;
    } catch (error) {
      if (opened !== undefined) log.error({ err: error }, "the page can't be shown");
      opened = undefined;
      failed = { error, atMs: clock.nowMs() };
      throw error;
    }
  };

  const serve: RequestHandler = async (request, response, next) => {
    if (request.method !== "GET" && request.method !== "HEAD") {
      next();
      return;
    }
    response.set("Content-Security-Policy", POLICY);
    let files: ReadonlyMap<string, Served>;
    try {
      files = await open();
    } catch (error) {
      response.status(503).type("html").send(excuse(error));
      return;
    }
    const path = request.path.slice(1);
    const file = files.get(path);
    if (file !== undefined && path !== "index.html") {
      // The name of an asset changes with its content.
      send(response, file, path.startsWith("assets/") ? "public, max-age=31536000, immutable" : "no-cache");
      return;
    }
    const index = files.get("index.html");
    if (index === undefined || path.startsWith("assets/") || request.accepts("html") === false) next();
    // The page knows its own addresses: each of them is the same document.
    else send(response, index, "no-cache");
  };
  return Router().use(serve);
}

function send(response: Response, file: Served, cache: string): void {
  response.set({ "Cache-Control": cache, "Content-Type": file.type, ETag: file.etag, Vary: "Accept-Encoding" });
  if (response.req.get("if-none-match") === file.etag) {
    response.status(304).end();
    return;
  }
  const isPacked = response.req.acceptsEncodings("gzip") !== false;
  if (isPacked) response.set("Content-Encoding", "gzip");
  response.end(isPacked ? file.packed : file.plain);
}

function packed(page: BuiltPage): ReadonlyMap<string, Served> {
  const served = [...page].map(([path, plain]): [string, Served] => [
    path,
    {
      type: TYPES[path.slice(path.lastIndexOf(".") + 1)] ?? "application/octet-stream",
      plain,
      packed: gzipSync(plain, { level: 9 }),
      etag: `"${createHash("sha256").update(plain).digest("base64url").slice(0, 20)}"`,
    },
  ]);
  return new Map(served);
}

function excuse(error: unknown): string {
  const why = error instanceof SluiceError ? `${error.message}. ${error.hint ?? ""}` : "its files can't be read";
  const escaped = why.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<!doctype html><html lang="en"><title>Sluice</title><h1>The page can't be shown</h1><p>${escaped}</p></html>`;
}
