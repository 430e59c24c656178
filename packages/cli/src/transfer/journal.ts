import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";

/** How far a transfer got. The journal lies beside the file until the transfer is done. */
export type Journal<T extends object> = {
  readonly path: string;
  /** The state that an earlier run wrote; undefined: there is nothing to go on from. */
  read(): T | undefined;
  /** Writes the state whole or not at all. */
  write(state: T): void;
  remove(): void;
};

export function journalOf<T extends object>(path: string): Journal<T> {
  return {
    path,
    read() {
      try {
        return JSON.parse(readFileSync(path, "utf8")) as T;
      } catch {
        return undefined;
      }
    },
    write(state) {
      writeFileSync(`${path}.new`, JSON.stringify(state));
      renameSync(`${path}.new`, path);
    },
    remove: () => rmSync(path, { force: true }),
  };
}
