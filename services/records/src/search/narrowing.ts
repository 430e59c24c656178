import { ANSWERS, RULINGS, Refusal } from "@sluice/zendesk";
import { showField } from "../fields/fields.ts";
import { parameter } from "../request.ts";
import type { Store } from "../store.ts";

/** Filters of a lookup field that narrow an autocomplete down at the vendor's, given these facts of a ticket (§8.8). */
const DYNAMIC = ["filter[dynamic_values]", "requester_id", "assignee_id", "organization_id"] as const;

const OBJECT_SOURCE = "zen:custom_object:";

/**
 * The parameters of an autocomplete that narrow its results and that the store does not know how to honour. A lookup
 * field that is defined here and has no filter allows every record of its target, so that nothing is left to do.
 * @throws Refusal 400 where only one of field_id and source is there
 */
export async function notHonoured(store: Store, object: string, parameters: URLSearchParams): Promise<string[]> {
  const given = (name: string) => (parameter(parameters, name) ?? "") !== "";
  const [fieldId, source] = [parameter(parameters, "field_id"), parameter(parameters, "source")];
  if ((fieldId === null) !== (source === null)) {
    throw new Refusal(ANSWERS.invalidParameter("field_id and source go together"));
  }
  const dynamic = DYNAMIC.filter(given);
  if (fieldId === null || source === null) return dynamic;
  return (await allowsAll(store, object, fieldId, source)) ? [] : ["field_id", "source", ...dynamic];
}

async function allowsAll(store: Store, object: string, fieldId: string, source: string): Promise<boolean> {
  const owner = source.startsWith(OBJECT_SOURCE) ? source.slice(OBJECT_SOURCE.length) : "";
  if (!RULINGS.objectKeyPattern.test(owner)) return false;
  try {
    const { relationship_target_type: target, relationship_filter: filter } = await showField(
      store.database,
      owner,
      fieldId,
    );
    const conditions = Object.values(filter ?? {}).flat();
    return target === `${OBJECT_SOURCE}${object}` && conditions.length === 0;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}
