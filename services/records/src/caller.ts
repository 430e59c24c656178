import { hash } from "node:crypto";
import type { RequestHandler, Response } from "express";
import { ANSWERS, Refusal } from "@sluice/zendesk";
import type { AccessTokens } from "./account/access-token.ts";

/** read-only sees everything, agent writes records, admin defines objects and fields as well. */
export type Role = "admin" | "agent" | "read-only";

/** A row of the token table. */
export type Token = {
  readonly token: string;
  readonly role: Role;
  /** With basic authentication, the e-mail address that must come with the token; unset: any will do. */
  readonly email?: string | undefined;
};

/** A request's sender, by its role and user id. */
export type Caller = {
  readonly role: Role;
  /** Numeric, as `created_by_user_id` shows it: a token's place in the table, from 1001. */
  readonly userId: string;
};

/** The caller that objects from the configuration are said to be made by. */
export const SYSTEM_CALLER: Caller = { role: "admin", userId: "1000" };

/** Finds the caller that an Authorization header speaks for; null: the header is good, and may do nothing here. */
export function authenticator(
  tokens: readonly Token[],
  accessTokens?: AccessTokens,
): (authorization: string | undefined) => Caller | null | undefined {
  // Looked up by digest, so that the time it takes says nothing about how much of a token was right.
  const byDigest = new Map(
    tokens.map(({ token, role, email }, place) => [
      digest(token),
      { email: email?.toLowerCase(), caller: { role, userId: String(1001 + place) } },
    ]),
  );
  return (authorization) => {
    const [scheme, credential] = splitAt(authorization?.trim() ?? "", " ");
    switch (scheme.toLowerCase()) {
      case "bearer": {
        const token = credential.trim();
        return byDigest.get(digest(token))?.caller ?? accessTokens?.callerOf(token);
      }
      case "basic": {
        const [user, token] = splitAt(Buffer.from(credential.trim(), "base64").toString("utf8"), ":");
        if (!user.endsWith("/token")) return undefined;
        const found = byDigest.get(digest(token));
        const email = user.slice(0, -"/token".length).toLowerCase();
        return found?.email === undefined || found.email === email ? found?.caller : undefined;
      }
      default:
        return undefined;
    }
  };
}

/** Lets only callers with a known token pass; missing and wrong credentials look the same (§3). */
export function authenticate(tokens: readonly Token[], accessTokens: AccessTokens): RequestHandler {
  const callerOfHeader = authenticator(tokens, accessTokens);
  return (request, response, next) => {
    const caller = callerOfHeader(request.get("authorization"));
    if (caller === undefined) throw new Refusal(ANSWERS.unauthenticated());
    if (caller === null) throw new Refusal(ANSWERS.forbidden());
    response.locals["caller"] = caller;
    next();
  };
}

/** The request's caller, once `authenticate` has let the request pass. */
export function callerOf(response: Response): Caller {
  return response.locals["caller"] as Caller;
}

/** Lets only these roles pass. */
export function only(...roles: readonly Role[]): RequestHandler {
  return (_request, response, next) => {
    if (!roles.includes(callerOf(response).role)) throw new Refusal(ANSWERS.forbidden());
    next();
  };
}

function digest(token: string): string {
  return hash("sha256", token, "base64");
}

function splitAt(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
