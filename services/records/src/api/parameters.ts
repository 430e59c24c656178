import { z } from "zod";
import { LIMITS, RULINGS } from "@sluice/zendesk";
import { ULID } from "../records/ulid.ts";

/** A parameter as the document shows it. The schema is that of its text, or of the number that the text spells. */
export type Parameter = {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly description: string;
  readonly schema: z.ZodType;
  readonly example?: unknown;
};

/** `sort` of the record list (§8.2). */
export const listSort = z.enum(["id", "-id", "updated_at", "-updated_at"]);

/** `sort` of the searches (§8.6). */
export const searchSort = z.enum(["name", "-name", "created_at", "-created_at", "updated_at", "-updated_at"]);

/** `page[size]` (§11). */
export const pageSize = z.int().min(1).max(LIMITS.pageSize);

const query = (name: string, schema: z.ZodType, description: string, example?: unknown): Parameter => ({
  name,
  in: "query",
  description,
  schema,
  ...(example === undefined ? {} : { example }),
});

const IGNORED = `For filters of lookup fields, which this store does not carry out: named in \`${RULINGS.ignoredHeader}\`.`;

/** Parameters that more than one operation has, or could have. */
export const PARAMETERS = {
  externalId: query(
    "external_id",
    z.string().min(1).max(RULINGS.externalIdMaxCharacters),
    "The record's key in the system that it comes from, byte for byte. Exactly one of `external_id` and `name` must be given.",
    "netsuite:1001",
  ),
  uniqueName: query(
    "name",
    z.string().min(1).max(RULINGS.nameMaxCharacters),
    "The record's name, where the object's names are unique. Exactly one of `external_id` and `name` must be given.",
  ),
  pageSize: query("page[size]", pageSize, `How many at most; ${RULINGS.defaultPageSize} where it is left out.`),
  pageAfter: query(
    "page[after]",
    z.string(),
    "`meta.after_cursor` of the page before. Not together with `page[before]`.",
  ),
  pageBefore: query("page[before]", z.string(), "`meta.before_cursor` of the page behind."),
  listSort: query("sort", listSort, "The order; a minus turns it round. By id is by time of creation."),
  searchQuery: query("query", z.string(), "Words; `*` for everything.", "north"),
  searchSort: query("sort", searchSort, "The order; a minus turns it round. By relevance where it is left out."),
  nameFragment: query("name", z.string(), "A part of the name.", "north"),
  fieldId: query(
    "field_id",
    z.string(),
    "A lookup field that the record is picked for. With `source`, or not at all. Honoured where the field is of an object of this store and has no filter.",
  ),
  source: query("source", z.string(), "The object that `field_id` is a field of.", "zen:custom_object:order"),
  dynamicValues: query("filter[dynamic_values]", z.string(), IGNORED),
  requesterId: query("requester_id", z.int(), IGNORED),
  assigneeId: query("assignee_id", z.int(), IGNORED),
  organizationId: query("organization_id", z.int(), IGNORED),
  startTime: query(
    "start_time",
    z.int().min(0),
    "Unix seconds, more than a minute ago. Where there is no `cursor` yet.",
  ),
  exportCursor: query("cursor", z.string(), "`after_cursor` of the page before."),
  exportPageSize: query("per_page", z.int().min(1).max(LIMITS.exportPageSize), "How many at most."),
  excludeDeleted: query("filter[exclude_deleted]", z.enum(["true", "false"]), "Whether deleted records are left out."),
  filterIds: query("filter[ids]", z.string(), "Ids, separated by commas: only those of them that exist."),
  filterExternalIds: query("filter[external_ids]", z.string(), "External ids, separated by commas."),
  includeStandardFields: query(
    "include_standard_fields",
    z.enum(["true", "false"]),
    "Whether `standard::name` and `standard::external_id` are listed too.",
  ),
  jobIds: query("ids", z.string(), "Ids of jobs, separated by commas."),
  prefer: {
    name: "Prefer",
    in: "header",
    description:
      "With `handling=strict` a key in `custom_object_fields` that the object does not have is a 422 (of a bulk job, its item's failure); otherwise it is left out.",
    schema: z.string(),
    example: RULINGS.preferStrict.Prefer,
  },
  fences: {
    name: RULINGS.jobFencesHeader,
    in: "header",
    description:
      "A fencing token for each item, in their order, with commas between; an empty one checks nothing. An item that comes too late fails alone, with the code `StaleFence`.",
    schema: z.string(),
  },
  stamps: {
    name: RULINGS.stampsHeader,
    in: "header",
    description:
      "How new what is sent is, for a writer whose own books may go back: fields that are older than what another state of it has written are left out and named in `Sluice-Stale-Fields`; a write of which nothing is left is refused with 409 `StaleStamp`. Goes with a fencing token. JSON, raw deflated and in base64.",
    schema: z.string(),
  },
  fence: {
    name: RULINGS.fenceHeader,
    in: "header",
    description:
      "The writer's fencing token, an integer that only grows. A write of this key with a lower one than has been seen is refused with 409.",
    schema: z.string().regex(/^\d{1,19}$/),
  },
} as const satisfies Record<string, Parameter>;

/** The header of an answer whose request had a preference. */
export const PREFERENCE_APPLIED = { "Preference-Applied": "The preference that was honoured." } as const;

/** The parameters that may stand between the braces of a path. */
export const PATH_PARAMETERS: Readonly<Record<string, Parameter>> = {
  object: {
    name: "object",
    in: "path",
    description: "The custom object's key.",
    schema: z.string().regex(RULINGS.objectKeyPattern),
    example: "customer",
  },
  field: {
    name: "field",
    in: "path",
    description: "The field's key (`standard::name` for the name) or its numeric id.",
    schema: z.string(),
    example: "standard::name",
  },
  id: { name: "id", in: "path", description: "The record's id, a ULID.", schema: z.string().regex(ULID) },
  job: { name: "job", in: "path", description: "The job's id.", schema: z.string() },
};
