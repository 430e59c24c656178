import { z } from "zod";
import { LIMITS, RULINGS } from "@sluice/zendesk";
import { operation } from "../api/operation.ts";

const { least, most } = RULINGS.accessTokenSeconds;

/** A request for an access token (§3). */
export const tokenAsSent = z.object({
  grant_type: z.literal("client_credentials"),
  client_id: z.string().max(LIMITS.titleCharacters).optional().describe("Unless it is in the Authorization header"),
  client_secret: z.string().optional().describe("Unless it is in the Authorization header"),
  scope: z
    .string()
    .regex(RULINGS.scopesPattern)
    .optional()
    .describe("`read` unless given; several with spaces between"),
  expires_in: z.int().min(least).max(most).optional().describe("Seconds"),
});

export const ISSUE_TOKEN = operation({
  id: "issueToken",
  method: "post",
  path: "/oauth/tokens",
  tag: "OAuth",
  summary: "Fetch an access token",
  description:
    "With the client_credentials grant. The client's id and secret stand in the body or in an `Authorization: Basic` header (RFC 6749 §2.3.1). A token with the scope `write` or `custom_objects:write` may do what its client may, one with `read` or `custom_objects:read` only reads.",
  roles: [],
  security: [{ client: [] }, {}],
  body: {
    schema: tokenAsSent,
    example: { grant_type: "client_credentials", client_id: "sluice", client_secret: "…", scope: "read write" },
  },
  answer: {
    status: 201,
    schema: z.object({
      access_token: z.string(),
      token_type: z.literal("bearer"),
      scope: z.string(),
      expires_in: z.int(),
    }),
  },
  refusals: ["invalidClient", "invalidGrant"],
});
