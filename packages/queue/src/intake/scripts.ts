import { readdirSync, readFileSync } from "node:fs";
import type { Redis } from "ioredis";
import { scriptAnswer, joinFiles } from "../connection/script-lines.ts";
import { keysFor } from "../connection/witnesses.ts";

const LUA = new URL("./lua/", import.meta.url);

/** The scripts of the intake, for a new connection. @param letters the text of letters.lua, which book.lua begins with */
export function intakeScripts(letters: string): { readonly [name: string]: { numberOfKeys: number; lua: string } } {
  return Object.fromEntries(
    readdirSync(LUA).map((file) => [
      `sluice_intake_${file.slice(0, -".lua".length)}`,
      {
        numberOfKeys: keysOf(file.slice(0, -".lua".length)),
        lua: joinFiles([
          ...(file === "book.lua" ? [["lua/letters.lua", letters] as const] : []),
          [`intake/lua/${file}`, readFileSync(new URL(file, LUA), "utf8")],
        ]),
      },
    ]),
  );
}

export type IntakeScript =
  | "begin"
  | "clock"
  | "raise"
  | "configuration"
  | "died"
  | "book"
  | "beat"
  | "state"
  | "regress"
  | "again";

export async function runIntake(
  redis: Redis,
  script: IntakeScript,
  keysAndArgs: readonly (string | number)[],
): Promise<unknown> {
  const commands = redis as unknown as { [name: string]: (...all: unknown[]) => Promise<unknown> };
  const count = keysOf(script);
  const keys = keysFor(redis, keysAndArgs.slice(0, count).map(String));
  const name = `sluice_intake_${script}`;
  return await scriptAnswer(redis, name, commands[name]!(...keys, ...keysAndArgs.slice(count)));
}

function keysOf(script: string): number {
  return script === "book" ? 2 : 1;
}
