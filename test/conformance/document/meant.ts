import { takes, type Difference } from "./differences.ts";

/** A kind of difference that is meant, and why; docs/conformance.md has the same list for people. */
type Meant = { readonly why: string; readonly fits: (difference: Difference) => boolean };

const isOurs = ({ how }: Difference) => how === "ours alone";
const isVendors = ({ how }: Difference) => how === "the vendor's alone";

const MEANT: readonly Meant[] = [
  {
    why: "not offered",
    fits: (each) =>
      each.kind === "operation" &&
      isVendors(each) &&
      /\/(?:triggers|permission_policies|access_rules|photo|attachments|events|record_events)(?:\/|$)/.test(
        each.operation,
      ),
  },
  {
    why: "offered besides",
    fits: (each) => each.kind === "operation" && isOurs(each),
  },
  {
    why: "our headers: fencing and preferences",
    fits: (each) => each.kind === "parameter" && isOurs(each) && /^header (?:Sluice-|Prefer$)/.test(each.what),
  },
  {
    why: "the vendor describes it in words; not every copy of its document has it among the parameters",
    fits: (each) =>
      each.kind === "parameter" &&
      isOurs(each) &&
      /^query (?:external_id|name|include_standard_fields)$/.test(each.what),
  },
  {
    why: "what stands in a query is a text",
    fits: ({ kind, what, how }) =>
      kind === "parameter" && what.startsWith("query ") && typeof how === "object" && how.ours === "string",
  },
  {
    why: "not honoured: there is no user interface to lead to, and one account has one set of permissions",
    fits: (each) =>
      each.kind === "parameter" &&
      isVendors(each) &&
      /^query include_(?:ui_path|permissions_metadata)$/.test(each.what),
  },
  {
    why: "the two fields that every object has are found by their keys without it",
    fits: (each) =>
      each.operation.endsWith("/fields/{}") && isVendors(each) && each.what === "query include_standard_fields",
  },
  {
    why: "the vendor's name for `page[size]`, `page[after]` and `page[before]` together",
    fits: (each) => each.kind === "parameter" && isVendors(each) && each.what === "query page",
  },
  {
    why: "cursor pages everywhere",
    fits: (each) => each.kind === "parameter" && isOurs(each) && each.what.startsWith("query page["),
  },
  {
    why: "what may stand in the body may stand in the query",
    fits: (each) =>
      each.operation.endsWith("/search") &&
      each.kind === "parameter" &&
      isOurs(each) &&
      /^query (?:query|sort)$/.test(each.what),
  },
  {
    why: "the vendor's document has few refusals; ours has all",
    fits: (each) => each.kind === "status" && isOurs(each),
  },
  {
    why: "more members, so that every client finds its own",
    fits: (each) => each.kind === "answered" && isOurs(each),
  },
  {
    why: "of the types that the vendor's document allows, fewer are answered",
    fits: ({ kind, how }) => kind === "answered" && typeof how === "object" && takes(how.vendor, how.ours),
  },
  {
    why: "a checkbox without a tag says null",
    fits: ({ kind, what }) => kind === "answered" && /^custom_object_fields?(?:\[\])?\.tag$/.test(what),
  },
  {
    why: "of ticket fields: in a custom object nothing is solved; options stand in their order",
    fits: (each) => isVendors(each) && /\.custom_field_options\[\]\.(?:allow_solving|position)$/.test(each.what),
  },
  {
    why: "of other APIs' jobs: the vendor words the results of each kind in its own way, and here as its clients read them",
    fits: (each) =>
      each.kind === "answered" &&
      /^job_status(?:es)?(?:\[\])?\.results(?:\[\])?\./.test(each.what) &&
      (isVendors(each) || each.what.endsWith(".id")),
  },
  {
    why: "the vendor's document has placeholders where a filter's keys and operators stand",
    fits: (each) => each.kind === "sent" && isVendors(each) && each.what.startsWith("filter."),
  },
  {
    why: "RFC 6749 gives client credentials no refresh token",
    fits: (each) => each.operation === "POST /oauth/tokens" && isVendors(each) && each.what.startsWith("refresh_token"),
  },
  { why: "more is taken than is documented", fits: (each) => each.kind === "sent" && isOurs(each) },
  {
    why: "read-only members in a body are ignored",
    fits: (each) =>
      each.kind === "sent" &&
      isVendors(each) &&
      /\.(?:url|id|created_\w+|updated_\w+|raw_\w+|system|custom_object_key)$/.test(each.what),
  },
  {
    why: "null and text are taken for more than the vendor's document says",
    fits: ({ kind, how }) =>
      (kind === "sent" || kind === "parameter") && typeof how === "object" && takes(how.ours, how.vendor),
  },
];

export function whyMeant(difference: Difference): string | undefined {
  return MEANT.find(({ fits }) => fits(difference))?.why;
}
