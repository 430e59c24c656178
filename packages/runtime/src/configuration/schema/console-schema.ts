import { z } from "zod";

const isSafe = (url: string): boolean =>
  url.startsWith("https:") || /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:|\/|$)/.test(url);
const httpsUrl = z
  .url({ protocol: /^https?$/, error: "must be an https URL" })
  .refine(isSafe, "must be an https URL; http is for this machine alone");

const values = z.array(z.string().min(1)).default([]);

/** Providers make no shorter ones. A session's cookie is a text that secrets can be tried on, as fast as a processor goes. */
const SECRET_CHARACTERS = 16;

/** `console:` */
export const CONSOLE_SCHEMA = z
  .strictObject({
    public_url: httpsUrl.describe(
      "Where browsers reach the console; the provider sends them back to /sign-in/callback there",
    ),
    oidc: z
      .strictObject({
        issuer: httpsUrl.describe("The OpenID provider, as its own description names it"),
        client_id: z.string().min(1).describe("The name under which the provider knows Sluice"),
        client_secret: z
          .string()
          .min(
            SECRET_CHARACTERS,
            `must have at least ${SECRET_CHARACTERS} characters, since it signs people's sessions too: have the provider make a new one`,
          )
          .describe(`The secret that goes with it, of at least ${SECRET_CHARACTERS} characters, at best from a file`),
        scopes: z
          .string()
          .regex(/(^| )openid( |$)/, "must hold openid")
          .default("openid profile email")
          .describe("What is asked of the provider"),
        claim: z.string().min(1).default("groups").describe("The claim that says who may do what"),
        operate: values.describe(
          "Values of the claim whose holders may change things; * stands for everybody whom the provider knows",
        ),
        read: values.describe(
          "Values of the claim whose holders may see everything; * stands for everybody whom the provider knows",
        ),
      })
      .refine(({ operate, read }) => operate.length + read.length > 0, "must name who may `operate`, or who may `read`")
      .describe("An OpenID provider that vouches for people"),
  })
  .optional()
  .describe("Who may sign in at the console besides those who have its token");
