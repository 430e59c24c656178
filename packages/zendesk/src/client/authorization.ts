/** How requests show who sends them. Short-lived OAuth tokens are another `Authorize`, with a token to renew. */
export type ZendeskAuth = { readonly bearer: string } | { readonly email: string; readonly apiToken: string };

/** Yields the value of the Authorization header for the next request. */
export type Authorize = () => Promise<string>;

export function authorizeWith(auth: ZendeskAuth): Authorize {
  const header =
    "bearer" in auth
      ? `Bearer ${auth.bearer}`
      : `Basic ${Buffer.from(`${auth.email}/token:${auth.apiToken}`).toString("base64")}`;
  return () => Promise.resolve(header);
}
