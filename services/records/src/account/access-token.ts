import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Clock } from "@sluice/runtime";
import type { Caller, Role } from "../caller.ts";

/** A program that may fetch access tokens. The program gets its caller's role, as far as the scope that it asks for goes. */
export type OAuthClient = { readonly id: string; readonly secret: string; readonly role: Role };

/** The store's OAuth access tokens. A token carries its facts itself, so every process on a database takes it. */
export type AccessTokens = {
  /** Whom these credentials belong to. */
  client(id: string, secret: string): OAuthClient | undefined;
  issue(client: OAuthClient, scope: string, seconds: number): string;
  /** The caller that the token speaks for; null: nobody, so that the token may do nothing; undefined: the token is none of ours, or over. */
  callerOf(token: string): Caller | null | undefined;
  /** Ends all tokens that were issued until now, in this process. */
  revoke(): void;
  /** The number of tokens that this process has issued. */
  readonly issued: number;
};

export function accessTokens(clients: readonly OAuthClient[], clock: Clock): AccessTokens {
  const byId = new Map(clients.map((client, place) => [client.id, { client, userId: String(2001 + place) }]));
  let revokedUntilMs = 0;
  let issued = 0;
  return {
    client(id, secret) {
      const found = byId.get(id);
      // Compared as digests of one length, which tells nothing of how much was right.
      return found !== undefined && isSame(mark("", secret), mark("", found.client.secret)) ? found.client : undefined;
    },

    get issued() {
      return issued;
    },

    issue({ id, secret }, scope, seconds) {
      issued += 1;
      const issuedMs = Math.max(clock.nowMs(), revokedUntilMs + 1);
      const facts: Facts = [id, scope, issuedMs, clock.nowMs() + seconds * 1000, randomBytes(6).toString("base64url")];
      const text = Buffer.from(JSON.stringify(facts)).toString("base64url");
      return `${text}.${mark(secret, text).toString("base64url")}`;
    },

    callerOf(token) {
      const [text = "", signature = ""] = token.split(".");
      const facts = factsOf(text);
      const found = facts === null ? undefined : byId.get(facts[0]);
      if (facts === null || found === undefined) return undefined;
      if (!isSame(mark(found.client.secret, text), Buffer.from(signature, "base64url"))) return undefined;
      const [, scope, issuedMs, endsMs] = facts;
      if (endsMs <= clock.nowMs() || issuedMs <= revokedUntilMs) return undefined;
      const role = roleWithin(found.client.role, scope);
      return role === null ? null : { role, userId: found.userId };
    },

    revoke() {
      revokedUntilMs = Math.max(clock.nowMs(), revokedUntilMs + 1);
    },
  };
}

type Facts = readonly [clientId: string, scope: string, issuedMs: number, endsMs: number, nonce: string];

/** Broad scopes and scopes of custom objects count. Others are for other things: a token with them may do nothing here. */
function roleWithin(role: Role, scope: string): Role | null {
  const words = new Set(scope.split(" "));
  if (words.has("write") || words.has("custom_objects:write")) return role;
  return words.has("read") || words.has("custom_objects:read") ? "read-only" : null;
}

function factsOf(text: string): Facts | null {
  try {
    const facts: unknown = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
    return Array.isArray(facts) && typeof facts[0] === "string" ? (facts as unknown as Facts) : null;
  } catch {
    return null;
  }
}

function mark(key: string, text: string): Buffer {
  return createHmac("sha256", `access token ${key}`).update(text).digest();
}

function isSame(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
