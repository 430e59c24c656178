import type { Event, Json } from "@sluice/event";
import { NAME_FIELD } from "../change.ts";
import { clearedBy, type Clears } from "./clears.ts";
import { evaluate, ExpressionError, type Expression } from "../expression/expression.ts";
import { isTrue } from "../expression/truth.ts";
import type { CompiledMapping } from "./mapping.ts";

/** An expression's result for an event: a value, nothing, or a fault. */
export type Explained = {
  /** `when`, `external_id`, `version`, `name` or `fields.email`. */
  readonly member: string;
  readonly text: string;
} & ({ readonly value: Json | undefined } | { readonly fault: string });

/** The results of all expressions of a row, or of its `when` alone where the row does not want the event. */
export async function explainRow(
  event: Event,
  mapping: CompiledMapping,
  arrivedMs: number,
): Promise<readonly Explained[]> {
  const { when, key, version, fields } = mapping;
  const tell = async (member: string, expression: Expression, clears: Clears = "nulls"): Promise<Explained> => {
    const { text } = expression;
    try {
      return { member, text, value: clearedBy(clears, await evaluate(expression, event, arrivedMs)) };
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      return { member, text, fault: error.message };
    }
  };
  const wanted = when === null ? [] : [await tell("when", when)];
  if (wanted.some((each) => "fault" in each || !isTrue(each.value))) return wanted;
  return [
    ...wanted,
    await tell(key.by, key.expression),
    ...(version === null ? [] : [await tell("version", version)]),
    ...(await Promise.all(
      (fields ?? []).map(async ({ field, expression }) =>
        field === NAME_FIELD ? tell("name", expression) : tell(`fields.${field}`, expression, mapping.clears),
      ),
    )),
  ];
}
