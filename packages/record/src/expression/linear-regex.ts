import { RE2JS } from "re2js";

/**
 * The part of a RegExp that JSONata uses, on an engine whose time grows with the text and not with the number of ways to match it:
 * no text of a sender can make a pattern that somebody wrote in haste run for ever.
 */
export class LinearRegex {
  lastIndex = 0;
  readonly #pattern: RE2JS;

  /** @throws RE2's own error for a pattern that it can't do: lookarounds and back references. */
  constructor(regex: RegExp) {
    this.#pattern = compiled(regex);
  }

  test(text: string): boolean {
    return this.#pattern.matcher(text).find();
  }

  exec(text: string): RegExpExecArray | null {
    const matcher = this.#pattern.matcher(text);
    if (this.lastIndex > text.length || !matcher.find(this.lastIndex)) {
      this.lastIndex = 0;
      return null;
    }
    this.lastIndex = matcher.end();
    const groups = Array.from({ length: matcher.groupCount() }, (_, group) => matcher.group(group + 1) ?? undefined);
    return Object.assign([matcher.group() ?? "", ...groups] as [string, ...string[]], {
      index: matcher.start(),
      input: text,
    }) as RegExpExecArray;
  }
}

/** @throws RE2's own error for a pattern that it can't do */
export function assertLinear(regex: RegExp): void {
  compiled(regex);
}

/** Compiled patterns: JSONata makes a new engine for each evaluation, and the patterns are the few of the configuration. */
const known = new WeakMap<RegExp, RE2JS>();

function compiled(regex: RegExp): RE2JS {
  const found = known.get(regex);
  if (found !== undefined) return found;
  const flags = (regex.ignoreCase ? RE2JS.CASE_INSENSITIVE : 0) | (regex.multiline ? RE2JS.MULTILINE : 0);
  const pattern = RE2JS.compile(RE2JS.translateRegExp(regex.source), flags);
  known.set(regex, pattern);
  return pattern;
}
