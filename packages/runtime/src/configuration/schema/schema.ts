import {
  FIELD_KEY,
  isAddressRange,
  isFingerprint,
  LIMITS as EVENT_LIMITS,
  OBJECT_KEY,
  RESERVED_OBJECT_KEYS,
} from "@sluice/event";
import { CLEARS } from "@sluice/record";
import { z } from "zod";
import { LIMITS } from "../../limits.ts";
import { RECORDS_STORE_SCHEMA } from "./records-store-schema.ts";
import { CONSOLE_SCHEMA } from "./console-schema.ts";
import { DESTINATION_SCHEMA } from "./destination-schema.ts";
import { durationSetting, optionalDuration } from "./duration-setting.ts";
import { HISTORY_SCHEMA } from "./history-schema.ts";
import { ISSUE_WEBHOOKS_SCHEMA } from "./issue-webhook-schema.ts";
import { BUDGET_PATTERN, SIZE_PATTERN, memoryBudget, sizeBytes } from "./quantity.ts";

/*
 * The shape of sluice.yaml. The same schema checks the file and, as JSON Schema, documents it.
 */

const NAME_PATTERN = /^[a-z0-9][a-z0-9_-]{0,62}$/;

const name = z.string().regex(NAME_PATTERN, "must be lower-case letters, digits, - and _, at most 63");
const fieldKey = z
  .string()
  .regex(
    FIELD_KEY,
    "must be letters, digits and _, at most 100, and not digits alone: the destination takes no other key",
  );
const objectKey = z
  .string()
  .regex(
    OBJECT_KEY,
    "must be letters, digits, _ and -, at most 100, and not digits alone: the destination takes no other key",
  )
  .refine((key) => !RESERVED_OBJECT_KEYS.includes(key), `must be none of ${RESERVED_OBJECT_KEYS.join(", ")}`);
const text = z.string().min(1);

/** YAML reads `true`, `5` and `null` as values; as JSONata their texts mean the same. */
const expression = z
  .union([z.string().min(1), z.number(), z.boolean(), z.null()])
  .transform(String)
  .describe("JSONata over {id, type, time, source, data, headers}");

/** Where the document of a thin event stands. */
const FETCH = {
  when: expression.optional().describe("JSONata over the event: only events for which this is true are fetched for"),
  document: expression
    .optional()
    .describe("JSONata over the answer: the part that `data` becomes; all of it, without it"),
  gone: expression.optional().describe("JSONata over a refusal: where it is true, it means what a 404 means"),
  missing: z
    .enum(["ignore", "delete"])
    .default("ignore")
    .describe("The meaning of a 404: none, or that the record is gone"),
};
const fetchUrl = text.describe("The document's URL, with JSONata over the event between {{ and }}");

/** `fetch` of a row. */
export const FETCH_SCHEMA = z.strictObject({ url: fetchUrl, ...FETCH });

/** One row of `records:`. */
export const MAPPING_SCHEMA = z.strictObject({
  when: expression.optional().describe("JSONata: only events for which this is true; all, without it"),
  destination: text.describe("A name under `destinations`"),
  object: objectKey.describe("The custom object's key at the destination"),
  external_id: expression.optional().describe("JSONata: the record's external id"),
  name: expression
    .optional()
    .describe(
      "JSONata: the record's name; also its key, where the object's names are unique and external_id is left out",
    ),
  version: expression
    .optional()
    .describe("JSONata: an RFC 3339 time or an integer from 0 to 2^63 − 1; without it, the order of arrival decides"),
  version_kind: z
    .enum(["time", "integer"])
    .optional()
    .describe(
      "The kind of the object's versions, in all rows of the object; without it, the first version of the object decides",
    ),
  fields: z
    .record(fieldKey, expression)
    .optional()
    .describe("Field key → JSONata; an expression that yields nothing leaves its field alone, null clears it"),
  clears: z
    .enum(CLEARS)
    .optional()
    .describe(
      "Which values of the row's fields clear them: nulls, null alone; empty, an empty text or list as well; missing, also what the event lacks, because each of its events tells all",
    ),
  delete: z.literal(true).optional().describe("The event means that the record is gone"),
  fetch: z
    .union([z.literal(false), FETCH_SCHEMA], "must be { url, … }, or false")
    .optional()
    .describe("Another document than the source's `fetch` names; false: the event has all that this row reads"),
});

const secret = z.union(
  [
    text,
    z.strictObject({
      value: text,
      not_after: z.iso
        .datetime({ offset: true, error: "must be a time like 2026-12-31T23:00:00Z" })
        .optional()
        .describe("The time from which on the secret is not accepted"),
    }),
  ],
  "must be a text, or { value, not_after }",
);

const fetchAuth = z
  .union(
    [
      z.strictObject({ bearer: text }),
      z.strictObject({ basic: z.strictObject({ user: text, password: text }) }),
      z.strictObject({
        oauth: z.strictObject({
          token_url: z.url({ protocol: /^https?$/, error: "must be an http or https URL" }),
          client_id: text,
          client_secret: text,
          scope: text.optional(),
          client_in: z.enum(["header", "body"]).default("header").describe("Where the client's id and secret go"),
        }),
      }),
    ],
    "must be one of the three forms",
  )
  .describe("bearer, or basic: {user, password}, or oauth: {token_url, client_id, client_secret, scope}");

const sourceFetch = z.strictObject({
  base: z
    .url({ protocol: /^https?$/, error: "must be an http or https URL" })
    .optional()
    .describe("The beginning of every `url` that begins with /; a preset needs it"),
  url: fetchUrl.optional(),
  ...FETCH,
  auth: fetchAuth.optional(),
  headers: z.record(z.string(), text).default({}).describe("Headers that are sent with every request"),
  timeout: durationSetting("20s", "From sending a request to the last byte of its answer"),
  requests_per_minute: z.int().min(1).max(100_000).default(60).describe("The quota, shared by all workers"),
  concurrency: z.int().min(1).max(1000).default(2).describe("Requests in flight, per worker process"),
  private_addresses: z
    .boolean()
    .default(false)
    .describe(
      "The API's name may lead to addresses that are not public; one that is written out as an address may anyway",
    ),
});

const source = z.strictObject({
  scheme: z
    .union([text, z.record(z.string(), z.unknown())], "must be the name of a scheme, or one written out")
    .describe("How this sender signs, splits and expects answers: a name of `sluice schemes`, or one written out"),
  secrets: z
    .array(secret)
    .min(1)
    .max(EVENT_LIMITS.maxSecrets)
    .optional()
    .describe(
      "Every secret that is accepted now; several while one replaces the other. Use ${NAME} or ${file:/path}. Left out only where the sender hands its secret over",
    ),
  public_url: z
    .url({ protocol: /^https?$/, error: "must be an http or https URL" })
    .optional()
    .describe("The URL that the sender was given, for senders that sign it"),
  allow_from: z
    .array(z.string().refine(isAddressRange, "must be an address or a CIDR range, such as 10.0.0.0/8"))
    .min(1)
    .optional()
    .describe("A second factor: only callers at one of these addresses and CIDR ranges are heard"),
  client_certificates: z
    .array(z.string().refine(isFingerprint, "must be a fingerprint in hexadecimal digits"))
    .min(1)
    .optional()
    .describe("A second factor: only callers with a certificate of one of these fingerprints, says a trusted proxy"),
  body_limit: z
    .string()
    .regex(SIZE_PATTERN, "must be a number and a unit: b, kb, mb, gb")
    .transform(sizeBytes)
    .optional()
    .describe("Larger bodies are refused with 413; the scheme's own limit, without it"),
  share: z
    .int()
    .min(1)
    .max(100)
    .default(1)
    .describe(
      "The source's share of a destination's requests, where they are scarce: twice the share, twice the records",
    ),
  class: z
    .enum(["live", "backfill"])
    .default("live")
    .describe("backfill: its records go out only while no live source has one that is due"),
  fetch: sourceFetch
    .optional()
    .describe("Thin events: the document that they point to is fetched, and the rows of `records` read that"),
  rate: z
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .describe("Requests in a second that each ingress takes from this source; more are refused with 429"),
  records: z
    .union(
      [
        z.array(MAPPING_SCHEMA),
        z.literal("preset"),
        z.strictObject({
          preset: z.literal(true),
          destination: text.optional().describe("A name under `destinations`; the only one, without it"),
        }),
      ],
      "must be a list of rows, preset, or { preset: true, destination }",
    )
    .describe(
      "The meaning of its events for records: each row that wants an event gives one change; preset: the rows that `sluice init` writes",
    ),
  redact: z
    .array(z.string().regex(/^[^.\s]+(\.[^.\s]+)*$/, "must be names with dots between, such as data.customer.email"))
    .max(100)
    .optional()
    .describe("Paths of the body whose values, and whatever a mapping makes of them, never reach the history"),
  silent_after: optionalDuration(
    "How long it may send nothing before that is an issue; without it, a whole day on whose weekday it sent something a week before",
  ),
  unmapped: z
    .array(text)
    .default([])
    .describe(
      "Types of events that no row takes on purpose, so that nothing tells of them; `*` at the end: all that begin so",
    ),
});

export const CONFIGURED_FIELD_TYPES = [
  "text",
  "textarea",
  "checkbox",
  "date",
  "integer",
  "decimal",
  "regexp",
  "dropdown",
  "multiselect",
  "lookup",
] as const;

const field = z
  .strictObject({
    type: z.enum(CONFIGURED_FIELD_TYPES).default("text"),
    title: text,
    options: z.record(z.string(), text).default({}).describe("The options of a dropdown or multiselect: value → name"),
    pattern: text.optional().describe("The pattern that a regexp field's value must match"),
    target: text.optional().describe("The object that a lookup points to, e.g. zen:custom_object:company"),
  })
  .superRefine(({ type, options, pattern, target }, context) => {
    const needs =
      (type === "dropdown" || type === "multiselect") && Object.keys(options).length === 0
        ? "options"
        : type === "regexp" && pattern === undefined
          ? "a pattern"
          : type === "lookup" && target === undefined
            ? "a target"
            : undefined;
    if (needs !== undefined) context.addIssue({ code: "custom", message: `a ${type} field needs ${needs}` });
  });

const object = z.strictObject({
  title: text,
  title_pluralized: text,
  unique_names: z
    .boolean()
    .default(false)
    .describe("No two records may have the same name; a mapping may then use it as key"),
  fields: z.record(fieldKey, field).default({}),
});

export const CONFIGURATION_SCHEMA = z
  .strictObject({
    sources: z
      .record(name, source)
      .default({})
      .describe("Senders: POST /webhooks/{name}. Of equal versions the later one wins"),
    destinations: z.record(name, DESTINATION_SCHEMA).default({}).describe("Where records are kept converged"),
    objects: z
      .record(objectKey, object)
      .default({})
      .describe("Objects that `sluice up` makes in its own records store where they are missing"),
    trusted_proxies: z
      .array(z.string().refine(isAddressRange, "must be an address or a CIDR range, such as 10.0.0.0/8"))
      .optional()
      .describe(
        "Proxies before the ingress and the records store: they alone are believed about a client's address and certificate, and about where it sees the store",
      ),
    records_store: RECORDS_STORE_SCHEMA,
    console: CONSOLE_SCHEMA,
    history: HISTORY_SCHEMA,
    issue_webhooks: ISSUE_WEBHOOKS_SCHEMA,
    version_skew: durationSetting("24h", "A version further ahead of our clock than this is a dead letter"),
    dedupe_window: durationSetting(
      "96h",
      "How long an event id is remembered on its record: longer than senders retry",
    ),
    unknown_source_after: durationSetting(
      "1h",
      "How long a webhook waits for a worker with the configuration that its door had; then it is understood with what there is, or is a dead letter",
    ),
    drain_delay: durationSetting(
      "5s",
      "How long `sluice ingress` goes on taking webhooks after SIGTERM while /readyz says that it stops: longer than a load balancer takes to notice",
    ).refine((ms) => ms <= LIMITS.longestDrainMs, `must not be longer than ${LIMITS.longestDrainMs / 60_000} minutes`),
    ordering_horizon: durationSetting("30d", "How long a record's ledger is kept after its last change"),
    ack: z
      .union(
        [z.enum(["redis", "fsync"]), z.strictObject({ replicas: z.int().min(1).max(10) })],
        "must be redis, fsync, or { replicas: a number from 1 to 10 }",
      )
      .default("redis")
      .describe("Where a webhook must be before its sender hears 2xx: in Redis, on its disk, or on so many replicas"),
    redis_memory_budget: z
      .string()
      .regex(BUDGET_PATTERN, "must be a share (80%) or a size (b, kb, mb, gb)")
      .default("80%")
      .transform(memoryBudget)
      .describe("Above it nothing is admitted until Redis uses 5 % less; a share of maxmemory, or of its machine's"),
  })
  .describe("Sluice's configuration, sluice.yaml");

/** The settings of a fetch where a row has a `fetch` and the source has none. */
export const FETCH_DEFAULTS = sourceFetch.parse({});

export type ConfigurationInput = z.output<typeof CONFIGURATION_SCHEMA>;

/** The JSON Schema of sluice.yaml, for editors and for people. */
export function configurationJsonSchema(): object {
  return z.toJSONSchema(CONFIGURATION_SCHEMA, { io: "input" });
}
