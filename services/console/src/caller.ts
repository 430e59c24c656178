import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Request } from "express";
import type { ConsoleCaller } from "./api/operation.ts";
import type { ConsoleRole } from "./contract/session.ts";
import { cookieOf } from "./cookie.ts";
import { LIMITS } from "./limits.ts";

/** A token that the API accepts. */
export type ConsoleToken = { readonly token: string; readonly role: ConsoleRole; readonly name: string | null };

/** Knows who asks: by a bearer token, or by the cookie that a page gets for one, or for a person whom the provider knows. */
export type Callers = {
  /** The caller of a request; null: nobody whom we know. */
  of(request: Request, nowMs: number): ConsoleCaller | null;
  /** The Set-Cookie header that stands for a token from now on; null: the token is none of ours. */
  cookieFor(token: string, nowMs: number, isSecure: boolean): string | null;
  /** The Set-Cookie header that stands for a person from now on. */
  cookieForPerson(person: Person, nowMs: number, isSecure: boolean): string;
};

type Person = { readonly role: ConsoleRole; readonly name: string };

const COOKIE = "sluice_session";

/** The header that takes the cookie away. */
export const NO_COOKIE = `${COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict`;

/** @param personKey signs the sessions of persons; null: there is no provider of any */
export function createCallers(tokens: readonly ConsoleToken[], personKey: string | null = null): Callers {
  // Tokens are looked up by digest, so that the time it takes says nothing about how much of a token was right.
  const byDigest = new Map(tokens.map((each) => [digest(each.token), each]));
  /** A session's signature is made with the token itself: replacing a token ends its sessions, in every process. */
  const sign = ({ token }: ConsoleToken, untilMs: number): string =>
    createHmac("sha256", token).update(`console session until ${untilMs}`).digest("base64url");

  const signPerson = (key: string, text: string, untilMs: number): string =>
    createHmac("sha256", key).update(`console session of ${text} until ${untilMs}`).digest("base64url");
  const header = (value: string, isSecure: boolean): string =>
    `${COOKIE}=${value}; Path=/; Max-Age=${LIMITS.sessionMs / 1000}; HttpOnly; SameSite=Strict${isSecure ? "; Secure" : ""}`;

  function ofCookie(value: string, nowMs: number): ConsoleCaller | null {
    const [untilText = "", signature = "", person] = value.split(".");
    const untilMs = Number(untilText);
    if (!Number.isSafeInteger(untilMs) || untilMs <= nowMs || untilMs > nowMs + LIMITS.sessionMs) return null;
    if (person !== undefined) {
      if (personKey === null || !isSameSecret(signPerson(personKey, person, untilMs), signature)) return null;
      return { ...(JSON.parse(Buffer.from(person, "base64url").toString("utf8")) as Person), via: "page" };
    }
    const found = tokens.find((each) => isSameSecret(sign(each, untilMs), signature));
    return found === undefined ? null : { role: found.role, name: found.name, via: "page" };
  }

  return {
    of(request, nowMs) {
      const authorization = request.get("authorization");
      if (authorization !== undefined) {
        const [, given] = /^bearer +(\S+)$/i.exec(authorization.trim()) ?? [];
        const found = given === undefined ? undefined : byDigest.get(digest(given));
        return found === undefined ? null : { role: found.role, name: found.name, via: "token" };
      }
      const cookie = cookieOf(request.get("cookie") ?? "", COOKIE);
      return cookie === null ? null : ofCookie(cookie, nowMs);
    },
    cookieFor(given, nowMs, isSecure) {
      const found = byDigest.get(digest(given));
      if (found === undefined) return null;
      const untilMs = nowMs + LIMITS.sessionMs;
      return header(`${untilMs}.${sign(found, untilMs)}`, isSecure);
    },
    cookieForPerson({ role, name }, nowMs, isSecure) {
      if (personKey === null) throw new Error("nobody vouches for persons");
      const untilMs = nowMs + LIMITS.sessionMs;
      const person = Buffer.from(JSON.stringify({ role, name })).toString("base64url");
      return header(`${untilMs}.${signPerson(personKey, person, untilMs)}.${person}`, isSecure);
    },
  };
}

/** Whether two texts are the same, in a time that does not tell how much of them is. */
export function isSameSecret(expected: string, given: string): boolean {
  // A header may hold characters of two bytes: the bytes have to be as many, not the characters.
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function digest(token: string): string {
  return createHash("sha256").update(token).digest("base64");
}
