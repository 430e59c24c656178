import { createRequire } from "node:module";
import type { DestinationStream, Logger } from "pino";

const load = createRequire(import.meta.url);
/** pino is loaded with the first log: commands that keep none load this module too. */
const library = (): typeof import("pino") => load("pino") as typeof import("pino");

/** pino's logger: JSON lines with numeric `level`, `time` in milliseconds, `role`, `msg`. */
export type Log = Logger;

export type LogOptions = {
  /** The part that speaks: ingress, worker, records, sluice … */
  readonly role: string;
  /** One of pino's level names, or `silent`. */
  readonly level?: string;
  /** One readable line per entry, in place of JSON, for terminals. */
  readonly readable?: boolean;
  /** Where lines go; standard output unless given. */
  readonly to?: DestinationStream;
};

/** Members that hold secrets wherever they appear, and so never reach a log. */
const SECRETS = ["authorization", "password", "secret", "secrets", "token", "apiToken", "cookie"];

/** Makes a role's log. */
export function createLog({ role, level = "info", readable = false, to = process.stdout }: LogOptions): Log {
  return library().pino(
    {
      level,
      base: { role },
      serializers: { err: asLogged },
      redact: {
        paths: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
        censor: "[hidden]",
      },
    },
    readable ? readableLines(to) : to,
  );
}

/** An error with its stack and its causes, and no more: a library's errors may carry a request's content, secrets and webhooks among it. */
function asLogged(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: unknown };
  return {
    type: error.name,
    message: error.message,
    ...(typeof code === "string" ? { code } : {}),
    stack: error.stack,
    ...(error.cause === undefined || depth >= MAX_CAUSES ? {} : { cause: asLogged(error.cause, depth + 1) }),
  };
}

const MAX_CAUSES = 5;

/** Turns pino's JSON lines into `12:00:00.000 warn worker  message  {"more":1}`. */
function readableLines(to: DestinationStream): DestinationStream {
  return {
    write(line) {
      const { level, time, role, msg, ...rest } = JSON.parse(line) as Entry;
      const clockTime = new Date(time).toISOString().slice(11, 23);
      const more = Object.keys(rest).length === 0 ? "" : `  ${JSON.stringify(rest)}`;
      to.write(`${clockTime} ${library().pino.levels.labels[level] ?? level} ${role}  ${msg ?? ""}${more}\n`);
    },
  };
}

type Entry = { level: number; time: number; role: string; msg?: string } & Record<string, unknown>;
