import { z } from "zod";

/** Kinds of issues that the console opens. Each has its wording, its limits and its runbook in services/console/src/issues/kinds.ts. */
export const ISSUE_KINDS = [
  "dead_letters",
  "held",
  "credentials_refused",
  "oldest_pending",
  "intake_waits",
  "no_worker",
  "state_went_back",
  "source_silent",
  "signatures_refused",
  "unknown_types",
  "mapping_drift",
  "webhook_failing",
] as const;
export type IssueKind = (typeof ISSUE_KINDS)[number];

/** A webhook secret of Standard Webhooks: 24 to 64 bytes in base64 behind `whsec_`. */
const SECRET = /^whsec_(?:[A-Za-z0-9+/]{4}){8,21}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** `issue_webhooks:` */
export const ISSUE_WEBHOOKS_SCHEMA = z
  .array(
    z.strictObject({
      url: z
        .url({ protocol: /^https?$/, error: "must be an http or https URL" })
        .describe("Where issues are posted to"),
      secret: z
        .string()
        .regex(SECRET, "must be whsec_ and 24 to 64 bytes in base64")
        .describe("Signs them as Standard Webhooks says. Use ${NAME} or ${file:/path}"),
      kinds: z.array(z.enum(ISSUE_KINDS)).min(1).optional().describe("Only issues of these kinds; all, without it"),
      private_addresses: z
        .boolean()
        .default(false)
        .describe(
          "The URL's name may lead to addresses that are not public; one that is written out as an address may anyway",
        ),
    }),
  )
  .max(10)
  .default([])
  .describe("Receivers of signed webhooks that tell of issues: opened, reopened, acknowledged, resolved");
