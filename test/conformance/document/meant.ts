import type { Difference } from "./differences.ts";

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
      kind === "parameter" && what.startsWith("query filter[") && typeof how === "object" && how.ours === "string",
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
      (kind === "sent" || kind === "parameter") &&
      typeof how === "object" &&
      how.vendor
        .split("|")
        .every((type) => how.ours.replace("integer", "number").split("|").includes(type.replace("integer", "number"))),
  },
];

export function whyMeant(difference: Difference): string | undefined {
  return MEANT.find(({ fits }) => fits(difference))?.why;
}
