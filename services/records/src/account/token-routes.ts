import type { Request, Response } from "express";
import type { z } from "zod";
import { ANSWERS, Refusal } from "@sluice/zendesk";
import { route, type Route } from "../api/operation.ts";
import { readJson, spellsText } from "../request.ts";
import { unstorablePlaces } from "../storable.ts";
import type { AccessTokens, OAuthClient } from "./access-token.ts";
import { basicCredentials } from "./client-credentials.ts";
import { ISSUE_TOKEN, tokenAsSent } from "./token-operations.ts";

/** `/oauth/tokens`. @param lifeSeconds of a token for which no life is asked */
export function tokenRoutes(tokens: AccessTokens, lifeSeconds: () => number): readonly Route[] {
  return [
    route(ISSUE_TOKEN, (request, response) => {
      const body = readBody(request);
      if (unstorablePlaces(body).length > 0) throw new Refusal(ANSWERS.invalidGrant("invalid_request"));
      const read = tokenAsSent.safeParse(body);
      if (!read.success) throw new Refusal(ANSWERS.invalidGrant(grantError(read.error.issues[0]?.path[0])));
      const { scope = "read", expires_in = lifeSeconds() } = read.data;
      const client = clientOf(request, response, tokens, read.data);
      const access_token = tokens.issue(client, scope, expires_in);
      response
        .status(201)
        .set({ "Cache-Control": "no-store", Pragma: "no-cache" })
        .json({ access_token, token_type: "bearer", scope, expires_in });
    }),
  ];
}

/**
 * Whose the credentials are, in the header or in the body. A client may name itself in both places, but has one secret.
 * @throws Refusal 400 invalid_request, 401 invalid_client
 */
function clientOf(
  request: Request,
  response: Response,
  tokens: AccessTokens,
  { client_id: id, client_secret: secret }: z.infer<typeof tokenAsSent>,
): OAuthClient {
  const inHeader = basicCredentials(request.get("authorization"));
  if (inHeader === undefined) {
    if (id === undefined || secret === undefined) throw new Refusal(ANSWERS.invalidGrant("invalid_request"));
    return tokens.client(id, secret) ?? refuseClient();
  }
  const fits = inHeader.filter((each) => (id ?? each.id) === each.id && (secret ?? each.secret) === each.secret);
  if (inHeader.length > 0 && fits.length === 0) throw new Refusal(ANSWERS.invalidGrant("invalid_request"));
  const found = fits.map((each) => tokens.client(each.id, each.secret)).find((client) => client !== undefined);
  if (found !== undefined) return found;
  // RFC 6749 §5.2: a client that used the header is told by which scheme to try again.
  response.set("WWW-Authenticate", 'Basic realm="oauth"');
  return refuseClient();
}

function refuseClient(): never {
  throw new Refusal(ANSWERS.invalidClient());
}

/** OAuth's words for what is wrong with a request. */
function grantError(member: PropertyKey | undefined): "unsupported_grant_type" | "invalid_scope" | "invalid_request" {
  if (member === "grant_type") return "unsupported_grant_type";
  return member === "scope" ? "invalid_scope" : "invalid_request";
}

/** JSON, as the vendor documents it, or a form, as OAuth itself has it. */
function readBody(request: Request): unknown {
  if (request.is("application/x-www-form-urlencoded") === false) return readJson(request);
  const raw: unknown = request.body;
  const text = Buffer.isBuffer(raw) ? raw.toString("utf8") : "";
  if (!text.split("&").every(spellsText)) throw new Refusal(ANSWERS.invalidGrant("invalid_request"));
  const { expires_in: seconds, ...rest } = Object.fromEntries(new URLSearchParams(text));
  return { ...rest, ...(seconds === undefined ? {} : { expires_in: Number(seconds) }) };
}
