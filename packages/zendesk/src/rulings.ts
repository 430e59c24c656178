import { FIELD_KEY, MAX_KEY_CHARACTERS, OBJECT_KEY, RESERVED_OBJECT_KEYS, UNSEEN_IN_KEYS } from "@sluice/event";
import { errorEnvelope } from "./error-envelope.ts";

/**
 * Sluice's decisions where the vendor's documentation is silent. They stand here and nowhere else, so that
 * taking over an answer of a live tenant is one edit. "§" is a section of docs/wire-contract.md, "row" a row of its upsert table.
 */

/** A complaint about a `custom_object_record`: one entry of the `details` map of a 422. */
export type Complaint = {
  /** `base` for the whole record, otherwise the attribute or the field's key. */
  readonly key: string;
  readonly description: string;
  readonly error: "BlankValue" | "DuplicateValue" | "InvalidFormat" | "InvalidValue" | "TooLong";
};

type Named = { readonly key: string; readonly title: string };

/** §5: the complaints about a request; each becomes a part of a 422 `RecordInvalid`. */
export const COMPLAINTS = {
  nameBlank: (): Complaint => base("Name: cannot be blank", "BlankValue"),
  /** The one text that was recovered from the real API. */
  nameTaken: (): Complaint => base("Name already exists. Try another one.", "DuplicateValue"),
  nameNumbered: (): Complaint => base("Name: cannot be set when autonumbering is enabled", "InvalidValue"),
  nameNotUnique: (): Complaint => base("Name: uniqueness is not enabled for this object", "InvalidValue"),
  nameTooLong: (): Complaint => base(`Name: is longer than ${RULINGS.nameMaxCharacters} characters`, "TooLong"),
  nameInvalid: (): Complaint => base("Name: is invalid", "InvalidValue"),
  nameDiffers: (): Complaint => base("Name: does not match the name in the query", "InvalidValue"),
  externalIdTaken: (): Complaint => base("External ID: has already been taken", "DuplicateValue"),
  externalIdTooLong: (): Complaint =>
    base(`External ID: is longer than ${RULINGS.externalIdMaxCharacters} characters`, "TooLong"),
  externalIdUnseen: (): Complaint => base("External ID: has characters that cannot be seen", "InvalidFormat"),
  nameUnseen: (): Complaint => base("Name: has characters that cannot be seen", "InvalidFormat"),
  externalIdInvalid: (): Complaint => base("External ID: is invalid", "InvalidValue"),
  externalIdDiffers: (): Complaint => base("External ID: does not match the external_id in the query", "InvalidValue"),
  fieldUnknown: (key: string): Complaint => base(`${key}: is not a field of this object`, "InvalidValue"),
  fieldsInvalid: (): Complaint => base("Custom object fields: is invalid", "InvalidValue"),
  valueInvalid: ({ key, title }: Named): Complaint => at(key, `${title}: is invalid`, "InvalidValue"),
  valueRequired: ({ key, title }: Named): Complaint => at(key, `${title}: is required`, "BlankValue"),
  /** A text that can't be kept, where no member can be named for it. */
  textInvalid: (): Complaint => base("Text: is invalid", "InvalidFormat"),
  /** §10: an item that is not what its job's action takes. */
  itemInvalid: (): Complaint => base("Item: is invalid", "InvalidValue"),
  recordTooLarge: (): Complaint => base("Record: exceeds 32 KB", "TooLong"),
  /** Row 30. */
  recordsFull: (): Complaint => base("Record: the limit of records has been reached", "InvalidValue"),
  /** §14. */
  objectsFull: (): Complaint => base("Custom object: the limit of the account has been reached", "InvalidValue"),
  /** Row 26; photos are not offered at all, so `allows_photos` does not matter. */
  photoNotAllowed: (): Complaint => base("Photo: is not allowed for this object", "InvalidValue"),
  /** §6 and §7: a complaint about an object or a field stands under the attribute's own name. */
  attribute: (key: string, problem: string, error: Complaint["error"] = "InvalidValue"): Complaint =>
    at(key, `${titleOf(key)}: ${problem}`, error),
} as const;

function base(description: string, error: Complaint["error"]): Complaint {
  return { key: "base", description, error };
}

function at(key: string, description: string, error: Complaint["error"]): Complaint {
  return { key, description, error };
}

function titleOf(attribute: string): string {
  const words = attribute.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A whole answer that refuses: the status and the body exactly as they leave. */
export type RefusalAnswer = {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** Sent as `Retry-After`. */
  readonly retryAfterSeconds?: number;
};

/** §3 to §5: every answer but 422. The three envelopes of the vendor stay as mixed as they are there. */
export const ANSWERS = {
  unauthenticated: (): RefusalAnswer => ({ status: 401, body: { error: "Couldn't authenticate you" } }),
  forbidden: (): RefusalAnswer => ({
    status: 403,
    body: {
      error: {
        title: "Forbidden",
        message:
          "You do not have access to this page. Please contact the account owner of this help desk for further help.",
      },
    },
  }),
  recordNotFound: (): RefusalAnswer => plain(404, "RecordNotFound", "Not found"),
  invalidEndpoint: (): RefusalAnswer => plain(404, "InvalidEndpoint", "Not found"),
  invalidPagination: (detail: string): RefusalAnswer => ({
    status: 400,
    body: { errors: [{ code: "InvalidPaginationParameter", title: "Invalid pagination parameter", detail }] },
  }),
  /** §12: for the incremental export, which words its refusals in another way: `answerAt`. */
  startTimeTooRecent: (): RefusalAnswer =>
    plain(400, "StartTimeTooRecent", "start_time must be more than 60 seconds ago"),
  invalidCursor: (): RefusalAnswer => plain(400, "InvalidCursor", "The cursor is not valid"),
  malformedJson: (): RefusalAnswer => plain(400, "InvalidJSON", "The request body is not valid JSON"),
  /** Row 20. */
  missingEnvelope: (envelope: string): RefusalAnswer =>
    plain(400, "InvalidParameters", `The request body has no ${envelope} object`),
  /** Rows 5 and 6. */
  identityParameters: (): RefusalAnswer =>
    plain(400, "InvalidParameters", "Exactly one of external_id and name must be given, and it must not be empty"),
  invalidParameter: (description: string): RefusalAnswer => plain(400, "InvalidParameters", description),
  /** §8.7. */
  invalidFilter: (problem: string): RefusalAnswer =>
    plain(400, "InvalidFilter", `The filter can't be read: ${problem}`),
  /** Our own: a writer with an older fencing token comes too late. */
  staleFence: (newest: string | null): RefusalAnswer => {
    const { status, body } = plain(
      409,
      RULINGS.staleFenceCode,
      "A writer with a higher Sluice-Fence has written this key",
    );
    return { status, body: { ...body, ...(newest === null ? {} : { [RULINGS.newestFence]: newest }) } };
  },
  /** Our own: every field that was sent is older than the record's. */
  staleStamp: (): RefusalAnswer =>
    plain(409, RULINGS.staleStampCode, "The record holds newer values than all that were sent"),
  /** Row 27: only for conflicts that a retry mends. */
  conflict: (): RefusalAnswer =>
    plain(409, "DatabaseConflict", "The record was changed by another request. Try again."),
  /** §4.3. */
  tooManyRequests: (retryAfterSeconds: number): RefusalAnswer => ({
    ...plain(429, "APIRateLimitExceeded", "Number of allowed API requests per minute exceeded"),
    retryAfterSeconds,
  }),
  /** §3, in OAuth's own envelope. */
  invalidClient: (): RefusalAnswer => oauth(401, "invalid_client", "Client authentication failed"),
  invalidGrant: (error: "unsupported_grant_type" | "invalid_scope" | "invalid_request"): RefusalAnswer =>
    oauth(400, error, OAUTH_ERRORS[error]),
  /** §4.5: the 31st live job. */
  tooManyJobs: (currentJobIds: readonly string[]): RefusalAnswer => ({
    status: 429,
    body: {
      error: "TooManyJobs",
      description: "Too many CustomObjectRecord bulk jobs are queued or running. Try again later.",
      current_job_ids: currentJobIds,
    },
    retryAfterSeconds: RULINGS.tooManyJobsRetryAfterSeconds,
  }),
  bodyTooLarge: (): RefusalAnswer => plain(413, "RequestEntityTooLarge", "The request body is too large"),
  invalid: (complaints: readonly Complaint[]): RefusalAnswer => ({
    status: 422,
    body: { error: "RecordInvalid", description: "Record validation errors", details: detailsOf(complaints) },
  }),
  internal: (): RefusalAnswer => plain(500, "InternalError", "Something went wrong"),
  unavailable: (): RefusalAnswer => ({
    ...plain(503, "ServiceUnavailable", "The database does not answer"),
    retryAfterSeconds: RULINGS.unavailableRetryAfterSeconds,
  }),
} as const;

function plain(status: number, error: string, description: string): RefusalAnswer {
  return { status, body: { error, description } };
}

/**
 * A refusal as it leaves at a path (§12, ruling: refusals that the vendor's document of the incremental export does not
 * name come in its form too, `{"errors": [{code, status, title}]}`; `status` is a text, as in JSON:API).
 */
export function answerAt(path: string, answer: RefusalAnswer): RefusalAnswer {
  if (!/^\/api\/v2\/incremental(?:\/|$)/i.test(path)) return answer;
  const { code, title, detail } = factsOf(answer.body);
  const word = answer.status === 404 && code === "RecordNotFound" ? "CustomObjectNotFound" : code;
  const error = { code: EXPORT_CODES[answer.status] ?? word, status: String(answer.status), title };
  return { ...answer, body: { errors: [{ ...error, ...(detail === undefined ? {} : { detail }) }] } };
}

const EXPORT_CODES: Readonly<Record<number, string>> = {
  401: "Unauthorized",
  403: "Forbidden",
  429: "RateLimitExceeded",
};

/** The machine's word and the sentence of each of the vendor's envelopes. */
function factsOf(body: RefusalAnswer["body"]): { code: string; title: string; detail?: string | undefined } {
  const envelope = errorEnvelope.parse(body);
  if ("errors" in envelope) return envelope.errors[0] ?? { code: "Error", title: "Error" };
  const { error } = envelope;
  if (typeof error !== "string") return { code: error.title, title: error.message };
  return { code: error, title: ("description" in envelope ? envelope.description : undefined) ?? error };
}

const OAUTH_ERRORS = {
  unsupported_grant_type: "Only the grant type client_credentials is offered",
  invalid_scope: "The requested scope is invalid, unknown, or malformed",
  invalid_request: "The request lacks a parameter, or has one with a value that is not allowed",
} as const;

function oauth(status: number, error: string, error_description: string): RefusalAnswer {
  return { status, body: { error, error_description } };
}

function detailsOf(complaints: readonly Complaint[]): Record<string, { description: string; error: string }[]> {
  const byKey = new Map<string, { description: string; error: string }[]>();
  for (const { key, description, error } of complaints) {
    byKey.set(key, [...(byKey.get(key) ?? []), { description, error }]);
  }
  return Object.fromEntries(byKey);
}

/** Decisions that are a number, a word or a switch. */
export const RULINGS = {
  /** Row 1: the status of an upsert, whether it created or updated. */
  upsertStatus: 200,
  /** Row 3: the header that tells `created` from `updated`; a client must not need it. */
  upsertHeader: "X-Sluice-Upsert",
  /** §8.8: the header that names the parameters of an autocomplete that were not honoured. */
  ignoredHeader: "X-Sluice-Ignored",
  /** Our own header for a writer's fencing token, in microseconds. An answer that repeats the header says that the token is checked. */
  fenceHeader: "Sluice-Fence",
  jobFencesChecked: "checked",
  /**
   * The header of a bulk job's tokens: one for each item, in their order, with commas between; an empty one checks nothing. An item
   * whose key a higher token has written fails alone, with `staleFenceCode`. Zendesk ignores this header, as it does `fenceHeader`.
   */
  jobFencesHeader: "Sluice-Fences",
  staleFenceCode: "StaleFence",
  /**
   * Our own header for how new each field of a write is, sent with a token and only to a destination that is known to check tokens.
   * Fields older than those that another state of the writer's own store has written are left out, and named in the answer; a write
   * with nothing left is refused with `staleStampCode`. docs/wire-contract.md §9.1 says how the header is made.
   */
  stampsHeader: "Sluice-Stamps",
  staleFieldsHeader: "Sluice-Stale-Fields",
  staleStampCode: "StaleStamp",
  /** Row 18: with `Prefer: handling=strict` (RFC 7240) a field that the object does not have is told with a 422; Zendesk ignores it. */
  preferStrict: { Prefer: "handling=strict" },
  /** The member of a refusal with `staleFenceCode` that tells the highest token, a text: the writer takes it and goes on. */
  newestFence: "newest_fence",
  /** §10. */
  jobType: "custom_object_record_bulk",
  jobIdPrefix: "V3-",
  /** The status of an item's result when it went well, and the code of its error when it did not. */
  jobResults: {
    create: { done: "Created", failed: "CustomObjectRecordCreateFailed" },
    update: { done: "Updated", failed: "CustomObjectRecordUpdateFailed" },
    delete: { done: "Deleted", failed: "CustomObjectRecordDeleteFailed" },
    delete_by_external_id: { done: "Deleted", failed: "CustomObjectRecordDeleteFailed" },
    create_or_update_by_external_id: { done: "CreateOrUpdate", failed: "CustomObjectRecordCreateOrUpdateFailed" },
    create_or_update_by_name: { done: "CreateOrUpdate", failed: "CustomObjectRecordCreateOrUpdateFailed" },
  },
  jobItemFailed: "Failed",
  jobNotFoundTitle: "Record not found",
  jobInvalidTitle: "Record validation errors",
  tooManyJobsRetryAfterSeconds: 60,
  liveJobsHeader: "zendesk-ratelimit-inflight-jobs",
  /** How long a finished job can still be read. */
  jobRetentionMs: 60 * 60 * 1000,
  /** Row 23, counted in Unicode characters. */
  nameMaxCharacters: MAX_KEY_CHARACTERS,
  externalIdMaxCharacters: MAX_KEY_CHARACTERS,
  /** Characters that may not stand in keys: an external_id, and a name where names are unique. */
  unseenInKeys: UNSEEN_IN_KEYS,
  /** §6. */
  objectKeyPattern: OBJECT_KEY,
  reservedObjectKeys: RESERVED_OBJECT_KEYS,
  /** §7: letters, digits and underscore, not digits only. */
  fieldKeyPattern: FIELD_KEY,
  /** §7.1: dates are kept as days and come back as that day's midnight. */
  dateReadBackSuffix: "T00:00:00+00:00",
  /** §8.2. */
  defaultPageSize: 100,
  listSorts: ["id", "updated_at"] as ("id" | "updated_at")[],
  /** §8.6: the sorts of a search; without one the order is by relevance, and only `relevantHits` can be reached. */
  searchSorts: ["name", "created_at", "updated_at"] as ("name" | "created_at" | "updated_at")[],
  relevantHits: 10_000,
  /** §12: the text in place of a deleted record's name and values, and the age below which a record is not exported. */
  deletedValue: "[DELETED]",
  exportDelayMs: 60_000,
  /** §3: broad scopes, and scopes of one kind of resource. */
  scopesPattern:
    /^(?:read|write|impersonate|[a-z_]+:(?:read|write))(?: (?:read|write|impersonate|[a-z_]+:(?:read|write)))*$/,
  accessTokenSeconds: { least: 300, most: 172_800, unlessAsked: 1_800 },
  /** §6: the limit of objects where the store has no plan; more than anybody has. */
  ownObjects: 10_000,
  /** §4.4: the `Retry-After` of a 503 that a lost database causes. */
  unavailableRetryAfterSeconds: 5,
  /** §4.1, the vendor's hard guard: the limit in the rate limit headers while the store itself limits nothing. */
  unlimitedRequestsPerMinute: 100_000,
} as const;

/** Rulings that an installation can turn, to try a client against the other reading. */
export type Quirks = {
  /** §11: keep `links.next` on the last page; the page behind it is empty and ends the walk. */
  readonly nextOnLastPage?: boolean | undefined;
  /**
   * Row 18: the treatment of field keys that the object does not have. Unset: they are left out, because clients of the
   * real API send some, and refused where the request prefers `handling=strict`.
   */
  readonly unknownFields?: "leave out" | "refuse" | undefined;
};
