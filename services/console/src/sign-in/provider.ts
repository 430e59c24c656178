import * as client from "openid-client";
import type { OidcConfiguration } from "@sluice/runtime";
import type { ConsoleRole } from "../contract/session.ts";
import { LIMITS } from "../limits.ts";

/** Someone whom the provider vouches for. */
export type Person = { readonly name: string; readonly role: ConsoleRole };

/** The secrets of one visit to the provider: the browser brings them back in a cookie. */
export type Visit = { readonly state: string; readonly nonce: string; readonly verifier: string };

/** An OpenID provider (OpenID Connect Core 1.0), asked by the authorization code flow with PKCE. */
export type Provider = {
  /** Its host, for people. */
  readonly title: string;
  /** The address that the browser goes to, and the secrets by which its visit ends. @throws SignInError */
  begin(): Promise<{ readonly address: string; readonly visit: Visit }>;
  /** Ends a visit: the address that the browser came back with. @throws SignInError */
  finish(query: URLSearchParams, visit: Visit): Promise<Person>;
};

/** Why nobody was signed in, for the person before the browser. */
export class SignInError extends Error {
  readonly code: "provider_unreachable" | "sign_in_refused" | "role_missing";
  readonly hint: string;

  constructor(code: SignInError["code"], message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "SignInError";
    this.code = code;
    this.hint = hint;
  }
}

export function createProvider(settings: OidcConfiguration, publicUrl: string): Provider {
  const { issuer, clientId, clientSecret, scopes } = settings;
  const title = new URL(issuer).host;
  const redirectUri = `${publicUrl.replace(/\/$/, "")}/sign-in/callback`;
  let discovering: Promise<client.Configuration> | null = null;

  /** The provider's own description of itself. It is asked for at the first visit, and again where that failed: the console starts without it. */
  async function discovered(): Promise<client.Configuration> {
    discovering ??= client.discovery(new URL(issuer), clientId, clientSecret, undefined, {
      timeout: LIMITS.providerSeconds,
      // The configuration takes http for this machine alone.
      // eslint-disable-next-line typescript/no-deprecated
      execute: issuer.startsWith("http:") ? [client.allowInsecureRequests] : [],
    });
    try {
      return await discovering;
    } catch (cause) {
      discovering = null;
      throw new SignInError(
        "provider_unreachable",
        `${title} does not tell how to sign in there: ${messageOf(cause)}`,
        "Try again; where that does not help, compare `console.oidc.issuer` with what the provider says.",
        { cause },
      );
    }
  }

  return {
    title,
    async begin() {
      const configuration = await discovered();
      const visit = {
        state: client.randomState(),
        nonce: client.randomNonce(),
        verifier: client.randomPKCECodeVerifier(),
      };
      const address = client.buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope: scopes,
        state: visit.state,
        nonce: visit.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(visit.verifier),
        code_challenge_method: "S256",
      });
      return { address: address.href, visit };
    },
    async finish(query, { state, nonce, verifier }) {
      const configuration = await discovered();
      const cameBack = new URL(`${redirectUri}?${query.toString()}`);
      try {
        const tokens = await client.authorizationCodeGrant(configuration, cameBack, {
          pkceCodeVerifier: verifier,
          expectedState: state,
          expectedNonce: nonce,
        });
        const told = tokens.claims()!;
        const asked = settings.claim in told ? {} : await userInfo(configuration, tokens.access_token, told.sub);
        return personOf({ ...asked, ...told }, settings);
      } catch (cause) {
        if (cause instanceof SignInError) throw cause;
        throw new SignInError(
          "sign_in_refused",
          `${title} did not sign you in: ${messageOf(cause)}`,
          "Sign in again.",
          { cause },
        );
      }
    },
  };
}

/** Providers may leave groups out of the token, and tell them at another address. */
async function userInfo(
  configuration: client.Configuration,
  accessToken: string,
  subject: string,
): Promise<Readonly<Record<string, unknown>>> {
  if (configuration.serverMetadata().userinfo_endpoint === undefined) return {};
  return await client.fetchUserInfo(configuration, accessToken, subject);
}

/** @throws SignInError `role_missing` */
export function personOf(
  claims: Readonly<Record<string, unknown>>,
  { claim, operate, read }: Pick<OidcConfiguration, "claim" | "operate" | "read">,
): Person {
  const held = [claims[claim]].flat().filter((value) => typeof value === "string");
  const has = (wanted: readonly string[]): boolean => wanted.some((value) => value === "*" || held.includes(value));
  // An address that the provider says nobody has proved to have is no name for the audit log.
  const email = claims["email_verified"] === false ? null : claims["email"];
  const names = [email, claims["preferred_username"], claims["name"], claims["sub"]];
  const name = names.find((each) => typeof each === "string" && each !== "") as string;
  if (has(operate)) return { name, role: "operate" };
  if (has(read)) return { name, role: "read" };
  throw new SignInError(
    "role_missing",
    `${name} may not see this Sluice: "${claim}" is ${held.length === 0 ? "not told" : JSON.stringify(held)}`,
    "Ask who runs this Sluice: `console.oidc` says who may `read` and who may `operate`.",
  );
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error ? `${error.message} (${cause.message})` : error.message;
}
