import { z } from "zod";
import { durationSetting } from "./duration-setting.ts";

const text = z.string().min(1);

const auth = z
  .union(
    [
      z.strictObject({ bearer: text }),
      z.strictObject({ email: text, api_token: text }),
      z.strictObject({
        oauth: z.strictObject({ client_id: text, client_secret: text, scope: text.default("read write") }),
      }),
    ],
    "must be one of the three forms",
  )
  .describe("bearer, or email and api_token, or oauth: {client_id, client_secret, scope}");

const retry = z
  .strictObject({
    attempts: z.int().min(1).max(1000).default(20).describe("Conflicts (409) after which a record is a dead letter"),
    deadline: durationSetting("24h", "How long after its first failed attempt, or the last hold, a record becomes one"),
    first_delay: durationSetting("500ms", "The longest wait after the first failure; it doubles with each"),
    longest_delay: durationSetting("60s", "The longest wait"),
  })
  .prefault({})
  .describe("How often and how long a record is tried; every wait is anything from nothing to its bound");

/** A destination, under `destinations:`. */
export const DESTINATION_SCHEMA = z.strictObject({
  kind: z.literal("zendesk").describe("Zendesk itself, or services/records"),
  url: z
    .url({ protocol: /^https?$/, error: "must be an http or https URL" })
    .transform((url) => url.replace(/\/+$/, ""))
    .describe("https://SUBDOMAIN.zendesk.com, or the records store's address"),
  auth,
  requests_per_minute: z.int().min(1).max(6_000_000).default(700).describe("The quota, shared by all workers"),
  concurrency: z.int().min(1).max(1000).default(8).describe("Requests in flight, per worker process"),
  lanes: z
    .union(
      [1, 2, 4, 8, 16, 32, 64].map((lanes) => z.literal(lanes)),
      "must be 1, 2, 4, 8, 16, 32 or 64",
    )
    .default(1)
    .describe("Over how many servers of a Redis Cluster its records may spread; a number for life, such as 16"),
  max_in_flight: z.int().min(1).max(100_000).optional().describe("Requests in flight, in the whole fleet"),
  batch: z.int().min(1).max(100).default(100).describe("Records in one bulk job, at most"),
  timeout: durationSetting("20s", "From sending a request to the last byte of its answer").refine(
    (ms) => ms >= 100,
    "must be at least 100ms",
  ),
  fences: z
    .boolean()
    .optional()
    .describe(
      "Whether the destination checks the token that each write carries; left out, its answers tell: services/records does",
    ),
  settle_after_silence: durationSetting(
    "60s",
    "Where no token is checked: how long after its claim a write without an answer may still land. Until then its record waits",
  ),
  retry,
  skip_unchanged: z
    .boolean()
    .default(false)
    .describe("A record whose values equal those that were last confirmed is not written again"),
});
