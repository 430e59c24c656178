import type { Check, EventRules } from "../scheme.ts";

/** The header in which each attempt says when it was made; undefined where the check has none. */
export function attemptHeader(check: Check): string | undefined {
  return check.type === "signature" && check.ts?.kvField === undefined ? check.ts?.header : undefined;
}

/** Whether a rule takes its time from the header of `attemptHeader`. */
export function isAttemptTime(check: Check, { from }: { readonly from: string }): boolean {
  const header = attemptHeader(check);
  return header !== undefined && from.includes(`{header:${header}}`);
}

/** Rules whose finer time, unless they say it themselves, is their `time` without that of an attempt. */
export function withOwnTimes(check: Check, rules: EventRules): EventRules {
  if (rules.finer !== undefined || !rules.time.some((rule) => isAttemptTime(check, rule))) return rules;
  return { ...rules, finer: rules.time.filter((rule) => !isAttemptTime(check, rule)) };
}
