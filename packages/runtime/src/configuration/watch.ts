import { readFileSync, statSync } from "node:fs";
import { LIMITS } from "../limits.ts";
import { filesNamedIn } from "./substitution.ts";

export type ConfigurationWatch = { close(): void };

export type WatchOptions = {
  /** The configuration file; the files that it names with `${file:…}` are watched as well. */
  readonly path: string;
  readonly everyMs?: number;
  readonly onChange: () => void;
};

/**
 * Tells when the configuration file, or a secret's file, is another one than before. The files are asked
 * for, not listened to: an orchestrator changes a secret by pointing a link elsewhere, and a network's file
 * system tells nobody. A change is told once it has stood still for a turn, so that a file that is being
 * written, or was taken away for a moment, is not read.
 */
export function watchConfiguration({
  path,
  everyMs = LIMITS.configurationLookMs,
  onChange,
}: WatchOptions): ConfigurationWatch {
  let told = fingerprintOf(path);
  let before = told;
  const look = setInterval(() => {
    const now = fingerprintOf(path);
    const stands = now === before;
    before = now;
    if (!stands || now === told) return;
    told = now;
    onChange();
  }, everyMs);
  look.unref();
  return { close: () => clearInterval(look) };
}

/** Which files there are and in which state, as one text to compare. */
function fingerprintOf(path: string): string {
  return [path, ...filesNamedIn(textOf(path))].map((file) => `${file} ${stateOf(file)}`).join("\n");
}

/** The state of the file at the end of all links. */
function stateOf(file: string): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(" ");
  } catch {
    return "missing";
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
