import type { Request } from "express";
import { ANSWERS, Refusal } from "@sluice/zendesk";
import { route, type Route } from "../api/operation.ts";
import { readJson } from "../request.ts";
import { unstorablePlaces } from "../storable.ts";
import type { AccessTokens } from "./access-token.ts";
import { ISSUE_TOKEN, tokenAsSent } from "./token-operations.ts";

/** `/oauth/tokens`. @param lifeSeconds of a token for which no life is asked */
export function tokenRoutes(tokens: AccessTokens, lifeSeconds: () => number): readonly Route[] {
  return [
    route(ISSUE_TOKEN, (request, response) => {
      const body = readBody(request);
      if (unstorablePlaces(body).length > 0) throw new Refusal(ANSWERS.invalidGrant("invalid_request"));
      const read = tokenAsSent.safeParse(body);
      if (!read.success) throw new Refusal(ANSWERS.invalidGrant(grantError(read.error.issues[0]?.path[0])));
      const { client_id, client_secret, scope = "read", expires_in = lifeSeconds() } = read.data;
      const client = tokens.client(client_id, client_secret);
      if (client === undefined) throw new Refusal(ANSWERS.invalidClient());
      const access_token = tokens.issue(client, scope, expires_in);
      response
        .status(201)
        .set("Cache-Control", "no-store")
        .json({ access_token, token_type: "bearer", scope, expires_in });
    }),
  ];
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
  const { expires_in: seconds, ...rest } = Object.fromEntries(new URLSearchParams(text));
  return { ...rest, ...(seconds === undefined ? {} : { expires_in: Number(seconds) }) };
}
