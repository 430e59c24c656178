import { COMPLAINTS, Refusal, type Complaint } from "@sluice/zendesk";

/** Text that Postgres can keep and UTF-8 can spell: no NUL, no half of a surrogate pair. */
export function isStorableText(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0");
}

/** The names that lead to a place in a JSON value; indexes of lists are spelled. */
export type ValuePath = readonly string[];

/** The places of other text in a value. A member's own name, which nobody could read in an answer, counts as its holder's place. */
export function unstorablePlaces(value: unknown): ValuePath[] {
  if (typeof value === "string") return isStorableText(value) ? [] : [[]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    isStorableText(name) ? unstorablePlaces(member).map((place) => [name, ...place]) : [[]],
  );
}

/**
 * Keeps what can't be stored out of everything that handlers see.
 * @throws Refusal 422 with each member that holds such text
 */
export function refuseUnstorable(content: unknown): void {
  const complaints = unstorablePlaces(content).map(complaintOf);
  // Several texts of one member are one complaint.
  const byMember = new Map(complaints.map((complaint) => [complaint.description, complaint]));
  if (byMember.size > 0) throw Refusal.invalid([...byMember.values()]);
}

/** A record's fields are named by their own keys, as everywhere. */
function complaintOf([member, inner]: ValuePath): Complaint {
  if (member === undefined) return COMPLAINTS.textInvalid();
  if (member === "name") return COMPLAINTS.nameInvalid();
  if (member === "external_id") return COMPLAINTS.externalIdInvalid();
  return COMPLAINTS.attribute(member === "custom_object_fields" ? (inner ?? member) : member, "is invalid");
}
