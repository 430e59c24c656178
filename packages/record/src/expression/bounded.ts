import jsonata from "jsonata";
import { MAX_EXPRESSION_DEPTH, MAX_EXPRESSION_ITEMS, MAX_EXPRESSION_STEPS } from "../limits.ts";
import { assertLinear, LinearRegex } from "./linear-regex.ts";
import { OWN_FUNCTIONS } from "./own-functions.ts";
import { filledPart, PART, requireParts } from "./parts.ts";
import { assertRepeatable } from "./repeatable.ts";
import { inUtc } from "./zone.ts";

/**
 * JSONata, bounded in steps and depth rather than in time, because an evaluation must end the same way on a busy machine, and
 * after a pause of the whole process, as it does elsewhere.
 * @param isKey the expression yields a record's key, no part of which may be missing
 * @throws JSONata's own error for a text that does not parse, or a sentence about a part that could not be bounded or repeated
 */
export function compileBounded(text: string, isKey = false): jsonata.Expression {
  const options = { stack: MAX_EXPRESSION_DEPTH, sequence: MAX_EXPRESSION_ITEMS, RegexEngine: LinearRegex };
  const compiled = jsonata(text, options as unknown as jsonata.JsonataOptions);
  assertRepeatable(compiled.ast());
  for (const regex of regexesOf(compiled.ast())) assertLinear(regex);
  for (const [name, own] of OWN_FUNCTIONS) compiled.assign(name, own);
  if (isKey) {
    // JSONata evaluates this very tree.
    requireParts(compiled.ast());
    compiled.assign(PART, filledPart);
  }
  (compiled.assign as unknown as (name: symbol, value: unknown) => void)(
    Symbol.for("jsonata.__evaluate_entry"),
    beforeStep,
  );
  return compiled;
}

/** The expression's value as JSONata hands it out. Its clock stands at the arrival. */
export async function evaluateBounded(
  compiled: jsonata.Expression,
  input: unknown,
  arrivedAtMs: number,
): Promise<unknown> {
  return (await compiled.evaluate(input, { [ARRIVED_AT_MS]: arrivedAtMs })) as unknown;
}

/** A variable's name that no expression can write. */
const ARRIVED_AT_MS = "arrived at ms";

/** The names that one evaluation knows; `base` is the first of its frames, and all later ones take their clock from it. */
type Frame = {
  readonly base: { steps?: number; timestamp: Date };
  readonly lookup: (name: string) => unknown;
  readonly bind: (name: string, value: unknown) => void;
};

type NativeFunction = { readonly implementation: (this: unknown, ...values: unknown[]) => unknown };

/** Counts steps. JSONata calls this function before each step, the first time before anything of the expression ran. */
function beforeStep(_expression: unknown, _input: unknown, frame: Frame): void {
  const { base } = frame;
  if (base.steps === undefined) setClock(frame);
  base.steps = (base.steps ?? 0) + 1;
  if (base.steps > MAX_EXPRESSION_STEPS) throw new Error(`takes more than ${MAX_EXPRESSION_STEPS} steps`);
}

/** Sets the expression's clock to the arrival and its zone to UTC: an event may be understood twice, on two machines. */
function setClock({ base, lookup, bind }: Frame): void {
  const arrivedAtMs = lookup(ARRIVED_AT_MS) as number;
  base.timestamp = new Date(arrivedAtMs);
  const native = (name: string): NativeFunction => lookup(name) as NativeFunction;
  const replace = (name: string, implementation: NativeFunction["implementation"]): void =>
    bind(name, { ...native(name), implementation });
  const [fromMillis, toMillis] = [native("fromMillis"), native("toMillis")];
  replace("millis", () => arrivedAtMs);
  replace("now", function (picture, zone) {
    return fromMillis.implementation.call(this, arrivedAtMs, picture, zone);
  });
  replace("toMillis", function (text, picture) {
    return toMillis.implementation.call(this, picture === undefined ? inUtc(text) : text, picture);
  });
}

function regexesOf(node: unknown): readonly RegExp[] {
  if (node instanceof RegExp) return [node];
  if (typeof node !== "object" || node === null) return [];
  return Object.values(node).flatMap(regexesOf);
}
