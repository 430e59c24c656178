import { TIME_FORMS, type EventRules, type Mark, type Split, type TimeRule, type VersionRule } from "../scheme.ts";
import { ORDINARY_EVENT } from "../schemes/ordinary.ts";
import { TEMPLATE_PLACEHOLDERS, unknownPlaceholders } from "../events/template.ts";
import { ObjectReader } from "./object-reader.ts";

/**
 * Reads `event:` of a scheme with all of its rules: see `EventRules`. Templates, times and marks stand alone or in a list
 * of which the first that resolves wins. Members that are left out are those of `ORDINARY_EVENT`.
 */
export function readEventRules(written: ObjectReader): EventRules | undefined {
  const before = written.faults.length;
  const rules = {
    split: readSplit(written),
    each: readEach(written),
    id: readTemplates(written, "id", ORDINARY_EVENT.id),
    volatile: written.has("volatile") ? written.texts("volatile", "a list of paths in the event") : undefined,
    delivery: written.has("delivery") ? readTemplates(written, "delivery", []) : undefined,
    type: readTemplates(written, "type", ORDINARY_EVENT.type),
    time: readTimes(written, "time", TIME_FORMS, ORDINARY_EVENT.time),
    finer: readTimes(written, "finer", TIME_FORMS, undefined),
    data: readTemplates(written, "data", ORDINARY_EVENT.data),
    version: readTimes(written, "version", [...TIME_FORMS, "integer"], undefined),
    delete: written.has("delete") ? readMarks(written, "delete") : ORDINARY_EVENT.delete,
    thin: readThin(written),
    json: written.has("json") ? written.texts("json", "a list of members") : undefined,
    omit: written.has("omit") ? written.texts("omit", "a list of members") : undefined,
    emptyBody: written.has("emptyBody") ? written.flag("emptyBody") : undefined,
  };
  for (const template of rules.data) {
    if (!/^\{[^{}?][^{}]*\}$/.test(template))
      written.fault("data", `"${template}" is more than one placeholder`, "{event.PATH}");
  }
  written.end();
  if (written.faults.length > before) return undefined;
  return Object.fromEntries(Object.entries(rules).filter(([, value]) => value !== undefined)) as EventRules;
}

const SPLIT_ALLOWED = "one, many, the path of an array in the body, or { at, carry, otherwise }";

function readSplit(parent: ObjectReader): Split | undefined {
  const value = parent.raw("split") ?? "one";
  if (value === "one" || value === "many") return value;
  if (typeof value === "string") return { at: value };
  const written = parent.object("split", SPLIT_ALLOWED);
  const at = written.text("at", "the path of an array in the body");
  const carry = written.has("carry") ? written.texts("carry", "a list of members") : undefined;
  const otherwise = written.has("otherwise") ? written.choice("otherwise", ["one", "many"]) : undefined;
  written.end();
  if (at === undefined) return undefined;
  return { at, ...(carry === undefined ? {} : { carry }), ...(otherwise === undefined ? {} : { otherwise }) };
}

function readEach(parent: ObjectReader): EventRules["each"] {
  if (!parent.has("each")) return undefined;
  if (typeof parent.raw("each") === "string") return parent.text("each", EACH_ALLOWED);
  const written = parent.object("each", EACH_ALLOWED);
  const at = written.text("at", "the path of an array in the event");
  const otherwise = written.choice("otherwise", ["one"]);
  written.end();
  return at === undefined || otherwise === undefined ? undefined : { at, otherwise };
}

const EACH_ALLOWED = "the path of an array in the event, or { at, otherwise: one }";

function readThin(written: ObjectReader): EventRules["thin"] {
  if (!written.has("thin")) return undefined;
  return written.raw("thin") === "always" ? "always" : readMarks(written, "thin");
}

const MARK_ALLOWED = "{ in: TEMPLATE, fits: PATTERN } or { lacks: TEMPLATE }, or a list of such";

function readMarks(parent: ObjectReader, name: string): readonly Mark[] {
  return parent.objects(name, MARK_ALLOWED).flatMap((written): Mark[] => {
    const isAbsence = written.has("lacks");
    const member = isAbsence ? "lacks" : "in";
    const template = written.text(member, `text with ${TEMPLATE_PLACEHOLDERS}`);
    const fits = isAbsence ? "" : written.pattern("fits");
    written.end();
    if (template === undefined || fits === undefined) return [];
    checkTemplate(written, member, template);
    return [isAbsence ? { lacks: template } : { in: template, fits }];
  });
}

function readTemplates(written: ObjectReader, name: string, fallback: readonly string[]): readonly string[] {
  if (!written.has(name)) return fallback;
  // An empty list stands for no id at all: the id is then made of type, time and element.
  const value = written.raw(name);
  if (Array.isArray(value) && value.length === 0) return [];
  const templates = written.texts(name, `text with ${TEMPLATE_PLACEHOLDERS}, or a list of such`) ?? [];
  for (const template of templates) checkTemplate(written, name, template);
  return templates;
}

function readTimes<Rule extends TimeRule | VersionRule, Fallback extends readonly Rule[] | undefined>(
  written: ObjectReader,
  name: string,
  units: readonly Rule["unit"][],
  fallback: Fallback,
): readonly Rule[] | Fallback {
  if (!written.has(name)) return fallback;
  const value = written.raw(name);
  const rules = Array.isArray(value) ? value : [value];
  return rules.flatMap((rule: unknown, index) => {
    if (typeof rule === "string") {
      checkTemplate(written, name, rule);
      return [{ from: rule, unit: "iso8601" } as Rule];
    }
    const place = `${written.place}.${name}${Array.isArray(value) ? `[${index}]` : ""}`;
    const inner = new ObjectReader(rule, place, written.faults, "a template, or { from, unit, ordinal }");
    const from = inner.text("from", `text with ${TEMPLATE_PLACEHOLDERS}`);
    const unit = inner.choice(
      "unit",
      units,
      units.find((each) => each === "iso8601"),
    );
    const ordinal = inner.has("ordinal") ? inner.text("ordinal", `text with ${TEMPLATE_PLACEHOLDERS}`) : undefined;
    inner.end();
    if (from === undefined || unit === undefined) return [];
    checkTemplate(inner, "from", from);
    if (ordinal !== undefined) checkTemplate(inner, "ordinal", ordinal);
    return [{ from, unit, ...(ordinal === undefined ? {} : { ordinal }) } as Rule];
  });
}

function checkTemplate(written: ObjectReader, name: string, template: string): void {
  for (const placeholder of unknownPlaceholders(template)) {
    written.fault(name, `has the unknown placeholder ${placeholder}`, TEMPLATE_PLACEHOLDERS);
  }
}
