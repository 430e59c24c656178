import { isSpent, readAccessToken, type AccessToken, type HttpClient } from "@sluice/destination/http";
import type { FetchAuth, FetchConfiguration } from "@sluice/runtime";
import { ask, type FetchReply } from "./ask.ts";
import { TOKEN_LIFE_MS } from "./limits.ts";

/** The proof that a request for a document carries. */
export interface FetchAuthorization {
  /** The header, and the secrets in it that may not be shown; or the answer that gave no access token. */
  ask(
    stop: AbortSignal,
  ): Promise<
    { readonly header: string | null; readonly secrets: readonly string[] } | { readonly refusal: FetchReply }
  >;
  /** The access token in this header was refused. @returns whether another one can be asked for */
  forget(header: string | null): boolean;
}

export function authorizeWith(auth: FetchAuth | null, asking: HttpClient, nowMs: () => number): FetchAuthorization {
  if (auth === null) return always(null, []);
  if ("bearer" in auth) return always(`Bearer ${auth.bearer}`, [auth.bearer]);
  if ("basic" in auth) {
    const encoded = base64(`${auth.basic.user}:${auth.basic.password}`);
    return always(`Basic ${encoded}`, [auth.basic.password, encoded]);
  }
  return clientCredentials(auth.oauth, asking, nowMs);
}

function always(header: string | null, secrets: readonly string[]): FetchAuthorization {
  return { ask: async () => ({ header, secrets }), forget: () => false };
}

type Client = Extract<FetchAuth, { oauth: unknown }>["oauth"];

/** OAuth 2.0 client credentials (RFC 6749 §4.4). One token serves this process until shortly before it ends. */
function clientCredentials(client: Client, asking: HttpClient, nowMs: () => number): FetchAuthorization {
  let held: AccessToken | null = null;
  let renewing: Promise<AccessToken | { readonly refusal: FetchReply }> | null = null;

  async function renew(stop: AbortSignal): Promise<AccessToken | { readonly refusal: FetchReply }> {
    const answered = await ask(asking, client.tokenUrl, { ...tokenRequest(client), stop }, nowMs());
    const token = readAccessToken(answered.reply, nowMs());
    if (token !== undefined) return (held = { ...token, endsAtMs: token.endsAtMs ?? token.madeAtMs + TOKEN_LIFE_MS });
    // RFC 6749 words a refused client as 400; it is the credentials' fault all the same, not the document's.
    const { status } = answered.reply;
    const meant = status === 429 || status >= 500 ? status : 401;
    return { refusal: { ...answered, reply: { ...answered.reply, status: meant } } };
  }

  return {
    async ask(stop) {
      if (held !== null && isSpent(held, nowMs())) held = null;
      const given = held ?? (await (renewing ??= renew(stop).finally(() => (renewing = null))));
      return "refusal" in given ? given : { header: `Bearer ${given.value}`, secrets: [given.value] };
    },
    forget(header) {
      // The first refusal among requests under way together brings a new token, which the others are not to throw away.
      if (held !== null && header === `Bearer ${held.value}`) held = null;
      return true;
    },
  };
}

function tokenRequest({ clientId, clientSecret, scope, clientIn }: Client) {
  const form = new URLSearchParams({ grant_type: "client_credentials", ...(scope === undefined ? {} : { scope }) });
  if (clientIn === "body") {
    form.set("client_id", clientId);
    form.set("client_secret", clientSecret);
  }
  // RFC 6749 §2.3.1 wants both encoded as in a form before they are joined.
  const encoded = base64(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`);
  return {
    method: "POST",
    headers: {
      accept: "application/json",
      "content-type": "application/x-www-form-urlencoded",
      ...(clientIn === "header" ? { authorization: `Basic ${encoded}` } : {}),
    },
    body: form.toString(),
    secrets: [clientSecret, encoded],
  } as const;
}

function base64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}

/** The credentials of a fetch: a key may stand in a header of its own. */
export function credentialsOf({ auth, headers }: FetchConfiguration): object {
  return { auth, headers };
}
