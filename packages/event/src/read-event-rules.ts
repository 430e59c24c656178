import { TIME_FORMS, type EventRules, type TimeRule } from "./scheme.ts";
import { ORDINARY_EVENT } from "./schemes/ordinary.ts";
import { TEMPLATE_PLACEHOLDERS, unknownPlaceholders } from "./template.ts";
import { Written } from "./written.ts";

/**
 * Reads `event:` of a scheme: `split` (`one`, `many` or the path of an array), `id`, `type`, `data`
 * (a template or several, the first that resolves wins) and `time` (the same, or `{ from, unit }`).
 * What is left out is as in `ORDINARY_EVENT`.
 */
export function readEventRules(written: Written): EventRules | undefined {
  const before = written.faults.length;
  const split = written.text("split", "one, many, or the path of an array in the body", "one") ?? "one";
  const rules: EventRules = {
    split: split === "one" || split === "many" ? split : { at: split },
    id: readTemplates(written, "id", ORDINARY_EVENT.id),
    type: readTemplates(written, "type", ORDINARY_EVENT.type),
    time: readTimes(written),
    data: readTemplates(written, "data", ORDINARY_EVENT.data),
  };
  for (const template of rules.data) {
    if (!/^\{[^{}]*\}$/.test(template))
      written.fault("data", `"${template}" is more than one placeholder`, "{event.PATH}");
  }
  written.end();
  return written.faults.length > before ? undefined : rules;
}

function readTemplates(written: Written, name: string, fallback: readonly string[]): readonly string[] {
  if (!written.has(name)) return fallback;
  const templates = written.texts(name, `text with ${TEMPLATE_PLACEHOLDERS}, or a list of such`) ?? [];
  for (const template of templates) checkTemplate(written, name, template);
  return templates;
}

function readTimes(written: Written): readonly TimeRule[] {
  if (!written.has("time")) return ORDINARY_EVENT.time;
  const value = written.raw("time");
  const rules = Array.isArray(value) ? value : [value];
  return rules.flatMap((rule: unknown, index) => {
    if (typeof rule === "string") {
      checkTemplate(written, "time", rule);
      return [{ from: rule, unit: "iso8601" as const }];
    }
    const place = Array.isArray(value) ? `${written.place}.time[${index}]` : `${written.place}.time`;
    const inner = new Written(rule, place, written.faults, "a template, or { from, unit }");
    const from = inner.text("from", `text with ${TEMPLATE_PLACEHOLDERS}`);
    const unit = inner.choice("unit", TIME_FORMS, "iso8601");
    inner.end();
    if (from === undefined || unit === undefined) return [];
    checkTemplate(inner, "from", from);
    return [{ from, unit }];
  });
}

function checkTemplate(written: Written, name: string, template: string): void {
  for (const placeholder of unknownPlaceholders(template)) {
    written.fault(name, `has the unknown placeholder ${placeholder}`, TEMPLATE_PLACEHOLDERS);
  }
}
