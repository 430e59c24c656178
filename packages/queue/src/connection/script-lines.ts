import type { Redis } from "ioredis";

/** The line before each file of a script. Redis counts the lines of the whole script, which no file has. */
const BEGIN = "-- begin of ";

/** A script made of several files. Its first line is empty, so that one with Redis' flags takes no line of its own. */
export function joinFiles(files: readonly (readonly [name: string, text: string])[]): string {
  return ["", ...files.map(([name, text]) => `${BEGIN}${name}\n${text}`)].join("\n");
}

/** Waits for the answer of a script. An error names the line of a file where Redis names the line of the script. */
export async function scriptAnswer(redis: Redis, script: string, answer: unknown): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    throw withFileLines(error, redis.options.scripts?.[script.replace(/Buffer$/, "")]?.lua);
  }
}

function withFileLines(error: unknown, lua: string | undefined): unknown {
  if (!(error instanceof Error) || lua === undefined) return error;
  const named = (text: string): string =>
    text.replace(/(@?)user_script: ?(\d+)/g, (whole, at, line) => {
      const place = placeOf(lua, Number(line));
      return place === null ? whole : `${at}${place}`;
    });
  error.message = named(error.message);
  if (error.stack !== undefined) error.stack = named(error.stack);
  return error;
}

/** @param line counted from 1 */
function placeOf(lua: string, line: number): string | null {
  const before = lua.split("\n").slice(0, line - 1);
  const begin = before.findLastIndex((each) => each.startsWith(BEGIN));
  return begin < 0 ? null : `${before[begin]!.slice(BEGIN.length)}:${line - 1 - begin}`;
}
