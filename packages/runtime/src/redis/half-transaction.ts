import { existsSync, readFileSync, truncateSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "../log.ts";
import { FILE_SHORTENED, type Shortened } from "./file-shortened.ts";

const FOLDER = "appendonlydir";
const MANIFEST = "appendonly.aof.manifest";
const CHUNK_BYTES = 1024 * 1024;
/** Names of commands are short; a longer first argument is none that matters here. */
const NAME_BYTES = 16;
const LINE_BYTES = 64;
const LINE_BREAK = 10;

/**
 * Cuts off the end of the append-only file where it is half a command or half a transaction, as a kill in the midst of a write or a loss of
 * power leaves it. A Redis that meets half a transaction cuts its last half command off and leaves the rest: what is written next stands
 * behind a MULTI without its EXEC, and the start after that one carries out the first half of a script that was never answered
 * (seen with Redis 7.0.15; `findings/redis-carries-out-half-a-transaction.sh`). Our books are sums over whole scripts.
 * @param directory of the server, whose process must have ended. Redis before 7 keeps its file in another form, which is left alone.
 * @returns null: nothing was to be cut off
 */
export async function cutHalfTransaction(directory: string): Promise<Shortened | null> {
  const folder = join(directory, FOLDER);
  const file = lastFileOf(join(folder, MANIFEST));
  if (file === null || !existsSync(join(folder, file))) return null;
  const path = join(folder, file);
  const { keptBytes, bytes } = await wholeBytesOf(path);
  if (keptBytes === bytes) return null;
  truncateSync(path, keptBytes);
  return { file, keptBytes };
}

/** The same, told in the log; null also for a file that can't be read: it is left for the server to judge. */
export async function cutBeforeStart(directory: string, log: Log): Promise<Shortened | null> {
  try {
    const cut = await cutHalfTransaction(directory);
    if (cut !== null) log.error(cut, FILE_SHORTENED);
    return cut;
  } catch (error) {
    log.warn({ err: error }, "the private Redis' append-only file can't be looked at before its start");
    return null;
  }
}

/** The file that the server appended to last; older ones were complete before it was begun. */
function lastFileOf(manifest: string): string | null {
  if (!existsSync(manifest)) return null;
  const names = [...readFileSync(manifest, "utf8").matchAll(/^file (\S+) seq \d+ type i/gm)];
  return names.at(-1)?.[1] ?? null;
}

/** The length of the file up to its last whole command outside of a transaction. A file that is no list of commands is whole. */
async function wholeBytesOf(path: string): Promise<{ readonly keptBytes: number; readonly bytes: number }> {
  const handle = await open(path);
  try {
    const { size: bytes } = await handle.stat();
    const reader = createReader();
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    for (let at = 0; at < bytes;) {
      const { bytesRead } = await handle.read(chunk, 0, CHUNK_BYTES, at);
      if (bytesRead === 0 || !reader.read(chunk.subarray(0, bytesRead))) return { keptBytes: bytes, bytes };
      at += bytesRead;
    }
    return { keptBytes: reader.keptBytes(), bytes };
  } finally {
    await handle.close();
  }
}

/**
 * Reads commands, `*<arguments>` and of each argument `$<bytes>` and its bytes, every part ended by CRLF; a line that begins with `#` is a
 * remark of the server's.
 */
function createReader() {
  let at = 0;
  let kept = 0;
  let line = "";
  let name = "";
  let argumentsLeft = 0;
  let bytesLeft = 0;
  let isName = false;
  let isInTransaction = false;

  const endCommand = (): void => {
    if (name === "MULTI") isInTransaction = true;
    if (name === "EXEC") isInTransaction = false;
    if (!isInTransaction) kept = at;
  };
  const endArgument = (): void => {
    isName = false;
    argumentsLeft -= 1;
    if (argumentsLeft === 0) endCommand();
  };
  const endLine = (): boolean => {
    const text = line;
    line = "";
    if (text.startsWith("#")) {
      if (argumentsLeft === 0 && !isInTransaction) kept = at;
      return true;
    }
    const number = /^[*$](\d+)\r\n$/.exec(text)?.[1];
    if (number === undefined || text.startsWith("*") !== (argumentsLeft === 0)) return false;
    if (text.startsWith("*")) {
      argumentsLeft = Number(number);
      [isName, name] = [true, ""];
      return argumentsLeft > 0;
    }
    bytesLeft = Number(number) + 2;
    return true;
  };

  return {
    keptBytes: () => kept,
    /** @returns false where this is no list of commands */
    read(chunk: Buffer): boolean {
      for (let from = 0; from < chunk.length;) {
        if (bytesLeft > 0) {
          const taken = Math.min(bytesLeft, chunk.length - from);
          if (isName && name.length < NAME_BYTES)
            name += chunk
              .toString("latin1", from, from + taken)
              .trimEnd()
              .toUpperCase();
          from += taken;
          at += taken;
          bytesLeft -= taken;
          if (bytesLeft === 0) endArgument();
          continue;
        }
        const found = chunk.indexOf(LINE_BREAK, from);
        const until = found < 0 ? chunk.length : found + 1;
        line += chunk.toString("latin1", from, until);
        at += until - from;
        from = until;
        if (!/^(?:#|[*$]\d*\r?\n?$)/.test(line) || (line.length > LINE_BYTES && !line.startsWith("#"))) return false;
        if (found >= 0 && !endLine()) return false;
      }
      return true;
    },
  };
}
