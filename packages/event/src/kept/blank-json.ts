/** Stands in a path for every element of an array. */
export const EACH = null;

export type JsonPath = readonly (string | typeof EACH)[];

/**
 * Puts `""` in the place of the values at these paths and leaves every other character as it was written, so that
 * numbers keep their digits. A text that is no JSON stays no JSON.
 */
export function blankJson(text: string, paths: readonly JsonPath[]): string {
  const spans = spansAt(text, paths);
  let blanked = "";
  let end = 0;
  for (const [from, to] of spans) {
    blanked += `${text.slice(end, from)}""`;
    end = to;
  }
  return spans.length === 0 ? text : blanked + text.slice(end);
}

const SPACE = 0x20;
const BYTE_ORDER_MARK = 0xfeff;
const QUOTE = 0x22;

/** The places of the values in the text. Goes through it once, and only into objects and arrays that a path leads to. */
function spansAt(text: string, paths: readonly JsonPath[]): readonly (readonly [number, number])[] {
  const spans: [number, number][] = [];
  let at = 0;

  const skipSpace = (): void => {
    while (text.charCodeAt(at) <= SPACE || text.charCodeAt(at) === BYTE_ORDER_MARK) at += 1;
  };
  const takes = (character: string): boolean => {
    skipSpace();
    if (text[at] !== character) return false;
    at += 1;
    return true;
  };
  const giveUp = (): void => {
    at = text.length;
  };

  const visitValue = (ahead: readonly JsonPath[]): void => {
    skipSpace();
    const from = at;
    if (ahead.some((path) => path.length === 0)) {
      at = endOfValue(text, at);
      if (isJson(text.slice(from, at))) spans.push([from, at]);
    } else if (ahead.length > 0 && takes("{")) visitMembers(ahead);
    else if (ahead.length > 0 && takes("[")) visitElements(stepInto(ahead, EACH));
    else at = endOfValue(text, at);
  };
  const visitMembers = (ahead: readonly JsonPath[]): void => {
    if (takes("}")) return;
    do {
      skipSpace();
      const from = at;
      at = endOfValue(text, at);
      const name = nameOf(text.slice(from, at));
      if (name === undefined || !takes(":")) return giveUp();
      visitValue(stepInto(ahead, name));
    } while (takes(","));
    if (!takes("}")) giveUp();
  };
  const visitElements = (ahead: readonly JsonPath[]): void => {
    if (takes("]")) return;
    do visitValue(ahead);
    while (takes(","));
    if (!takes("]")) giveUp();
  };

  visitValue(paths);
  return spans;
}

function stepInto(paths: readonly JsonPath[], step: string | typeof EACH): JsonPath[] {
  return paths.filter(([first]) => first === step).map(([, ...rest]) => rest);
}

/** The place behind the value that begins at `start`; the text's end where the value never ends. */
function endOfValue(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
      if (depth === 0) return at + 1;
    } else if (code === 0x5b || code === 0x7b) depth += 1;
    else if (code === 0x5d || code === 0x7d) {
      depth -= 1;
      if (depth <= 0) return depth < 0 ? at : at + 1;
    } else if (depth === 0 && (code === 0x2c || code === 0x3a || code <= SPACE)) return at;
  }
  return text.length;
}

/** The place of the quote that ends a string. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let first = at;
    while (text[first - 1] === "\\") first -= 1;
    if ((at - first) % 2 === 0) return at;
  }
  return text.length;
}

function nameOf(written: string): string | undefined {
  if (!written.startsWith('"')) return undefined;
  if (!written.includes("\\")) return written.slice(1, -1);
  return isJson(written) ? (JSON.parse(written) as string) : undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
