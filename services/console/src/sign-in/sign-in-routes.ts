import { createHmac } from "node:crypto";
import { Router, type Request, type Response } from "express";
import type { Clock, Log } from "@sluice/runtime";
import { isSameSecret, type Callers } from "../caller.ts";
import { cookieOf } from "../cookie.ts";
import { LIMITS } from "../limits.ts";
import { SignInError, type Provider, type Visit } from "./provider.ts";

export type SignInOptions = {
  readonly provider: Provider;
  /** The address at which browsers reach this console. */
  readonly publicUrl: string;
  /** Signs visits: the same for every console, since a browser may come back to another one than it left. */
  readonly visitKey: string;
  readonly callers: Callers;
  readonly clock: Clock;
  readonly log: Log;
};

const COOKIE = "sluice_sign_in";

/** The cookie that a browser carries from its way to the provider until it comes back. `to`: the page that it was on. */
type Carried = Visit & { readonly to: string; readonly untilMs: number };

/** `/sign-in` sends the browser to the provider, `/sign-in/callback` is where that sends it back to. */
export function signInRoutes({ provider, publicUrl, visitKey, callers, clock, log }: SignInOptions): Router {
  const isSecure = publicUrl.startsWith("https:");
  const attributes = `Path=/sign-in; HttpOnly; SameSite=Lax${isSecure ? "; Secure" : ""}`;

  const signed = (text: string): string =>
    createHmac("sha256", visitKey).update(`console visit ${text}`).digest("base64url");
  function pack(carried: Carried): string {
    const text = Buffer.from(JSON.stringify(carried)).toString("base64url");
    return `${text}.${signed(text)}`;
  }
  function unpack(request: Request): Carried | null {
    const [text = "", signature = ""] = cookieOf(request.get("cookie") ?? "", COOKIE)?.split(".") ?? [];
    if (!isSameSecret(signed(text), signature)) return null;
    const carried = JSON.parse(Buffer.from(text, "base64url").toString("utf8")) as Carried;
    return carried.untilMs > clock.nowMs() ? carried : null;
  }
  function refuse(response: Response, error: unknown): void {
    if (!(error instanceof SignInError)) throw error;
    log.warn({ component: "sign-in", code: error.code, err: error }, error.message);
    response
      .status(error.code === "provider_unreachable" ? 502 : 403)
      .type("html")
      .send(excuse(error));
  }

  const router = Router();
  router.get("/sign-in", async (request, response) => {
    try {
      const { address, visit } = await provider.begin();
      const to = localPath(request.query["to"]);
      const value = pack({ ...visit, to, untilMs: clock.nowMs() + LIMITS.visitMs });
      response.set("Set-Cookie", `${COOKIE}=${value}; Max-Age=${LIMITS.visitMs / 1000}; ${attributes}`);
      response.set("Cache-Control", "no-store").redirect(302, address);
    } catch (error) {
      refuse(response, error);
    }
  });
  router.get("/sign-in/callback", async (request, response) => {
    try {
      const carried = unpack(request);
      if (carried === null) {
        throw new SignInError("sign_in_refused", "this sign-in was not begun here, or took too long", "Sign in again.");
      }
      const query = new URLSearchParams(request.originalUrl.split("?", 2)[1] ?? "");
      const person = await provider.finish(query, carried);
      log.info({ component: "sign-in", name: person.name, role: person.role }, "signed in");
      response.set("Set-Cookie", [
        callers.cookieForPerson(person, clock.nowMs(), isSecure),
        `${COOKIE}=; Max-Age=0; ${attributes}`,
      ]);
      response.set("Cache-Control", "no-store").redirect(302, carried.to);
    } catch (error) {
      refuse(response, error);
    }
  });
  return router;
}

/** A path of this page; anything else would send the person elsewhere. */
function localPath(given: unknown): string {
  return typeof given === "string" && /^\/(?![/\\])[\w\-./?=&%~:+,@]*$/.test(given) ? given : "/";
}

function excuse({ message, hint }: SignInError): string {
  const [said, next] = [message, hint].map((text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;"));
  return `<!doctype html><html lang="en"><title>Sluice</title><h1>You are not signed in</h1><p>${said}</p><p>${next}</p><p><a href="/">Sluice</a></p></html>`;
}
