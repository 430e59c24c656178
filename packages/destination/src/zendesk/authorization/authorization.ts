import { createHmac } from "node:crypto";
import { isSpent, isWorthReplacing, readAccessToken, type AccessToken } from "../../http/access-token.ts";
import { AuthorizationRefused } from "./authorization-refused.ts";
import type { Reply, ReplyRequest } from "../../http/reply.ts";
import { createSeal } from "./seal.ts";
import type { TokenStore } from "../../kind.ts";

/** The credentials of a destination's requests. */
export type ZendeskAuth =
  | { readonly bearer: string }
  | { readonly email: string; readonly apiToken: string }
  | { readonly oauth: OAuthCredentials };

/** A confidential OAuth client, which gets its access tokens with the client_credentials grant (§3). */
export type OAuthCredentials = { readonly clientId: string; readonly clientSecret: string; readonly scope: string };

/** The Authorization header of a request, and its secret parts: an answer that repeats them is shown without. */
export type Credential = { readonly header: string; readonly secrets: readonly string[] };

export interface ZendeskAuthorization {
  /**
   * The credential for the next request.
   * @throws AuthorizationRefused when there is none to be had
   */
  credential(): Promise<Credential>;
  /** Hears the status of a request that was sent with the credential. @returns whether to send the request once more, with the next credential */
  answered(credential: Credential, status: number): Promise<boolean>;
}

/** The authorization with credentials that never change. */
export function fixedAuthorization(auth: Exclude<ZendeskAuth, { oauth: OAuthCredentials }>): ZendeskAuthorization {
  const credential = "bearer" in auth ? bearer(auth.bearer) : basic(auth.email, auth.apiToken);
  return { credential: () => Promise.resolve(credential), answered: () => Promise.resolve(false) };
}

function bearer(token: string): Credential {
  return { header: `Bearer ${token}`, secrets: [token] };
}

function basic(email: string, apiToken: string): Credential {
  const encoded = Buffer.from(`${email}/token:${apiToken}`).toString("base64");
  return { header: `Basic ${encoded}`, secrets: [apiToken, encoded] };
}

export type OAuthOptions = {
  readonly client: OAuthCredentials;
  /** The address of the account that the token is good for, with the path before /api. */
  readonly url: string;
  readonly prefix: string;
  readonly tokenStore: TokenStore;
  /** Sends one request without Authorization; its `secrets` may not be shown. */
  readonly ask: (request: ReplyRequest, secrets: readonly string[]) => Promise<Reply>;
  readonly nowMs: () => number;
};

/**
 * Access tokens that are fetched when there is none, a little before the end, and when one is refused. All processes
 * of a fleet use the one in the store, and one of them at a time fetches the next.
 */
export function oauthAuthorization({
  client,
  url,
  prefix,
  tokenStore,
  ask,
  nowMs,
}: OAuthOptions): ZendeskAuthorization {
  const { clientId, clientSecret, scope } = client;
  const seal = createSeal(clientSecret, JSON.stringify(["access token", url, clientId, scope]));
  /** The token that this process uses, as it lies in the store and as it is sent. */
  let held: { readonly sealed: string; readonly token: AccessToken; readonly credential: Credential } | null = null;
  let renewing: Promise<Credential> | null = null;
  let good: Credential | null = null;
  let lastReplacedMs = -Infinity;

  async function fetchToken(): Promise<{ text: string; keepMs: number }> {
    const body = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret, scope };
    const reply = await ask({ method: "POST", path: `${prefix}/oauth/tokens`, body }, [clientSecret]);
    const token = readAccessToken(reply, nowMs());
    if (token === undefined) throw new AuthorizationRefused(reply);
    const keepMs = token.endsAtMs === null ? KEEP_ENDLESS_MS : Math.max(1, token.endsAtMs - nowMs());
    return { text: seal.close(JSON.stringify(token)), keepMs };
  }

  /** Takes the store's token, unless it can't be read or is spent. */
  function take(sealed: string): Credential | null {
    if (held?.sealed !== sealed) {
      const text = seal.open(sealed);
      if (text === null) return null;
      const token = JSON.parse(text) as AccessToken;
      held = { sealed, token, credential: bearer(token.value) };
    }
    return isSpent(held.token, nowMs()) ? null : held.credential;
  }

  async function renew(seen: string | null): Promise<Credential> {
    const taken = take(await tokenStore.replace(seen, fetchToken));
    if (taken === null) throw new Error("the access token that the fleet keeps can't be read");
    return taken;
  }

  /** Gets the next token once for all requests of this process that need it: one goes for it and the others wait. */
  async function renewed(seen: string | null): Promise<Credential> {
    renewing ??= renew(seen).finally(() => (renewing = null));
    return await renewing;
  }

  return {
    async credential() {
      if (held !== null && !isSpent(held.token, nowMs())) return held.credential;
      const sealed = await tokenStore.get();
      return (sealed === null ? null : take(sealed)) ?? (await renewed(sealed));
    },

    async answered(credential, status) {
      if (status !== 401 && status !== 403) {
        // An answer that comes late, to the token before this one, would make this one look untried.
        if (held?.credential === credential) good = credential;
        return false;
      }
      if (held === null || held.credential !== credential) return true;
      const facts = { status, wasGood: good === credential, lastReplacedMs, nowMs: nowMs() };
      if (!isWorthReplacing(held.token, facts)) return false;
      const next = await renewed(held.sealed);
      // Set only now: where no token was to be had, the next refusal is a reason to ask again.
      lastReplacedMs = nowMs();
      return next !== credential;
    },
  };
}

/** How long a token is kept that names no end. */
const KEEP_ENDLESS_MS = 30 * 24 * 3_600_000;

/**
 * Names the place of a client's token in a store that several clients share. The name reveals nothing of the secret, but
 * another secret has another place, so that processes with the old and the new secret don't get in each other's way.
 */
export function tokenPlace(url: string, { clientId, clientSecret, scope }: OAuthCredentials): string {
  const mark = createHmac("sha256", clientSecret)
    .update(JSON.stringify([url, clientId, scope]))
    .digest("hex");
  return `access-token-${mark.slice(0, 16)}`;
}
