/** The end of an append-only file that Redis could not read, and cut off, in the words of its log. */
export type Shortened = { readonly file: string; readonly keptBytes: number };

/**
 * With `aof-load-truncated yes`, its default, Redis begins with what it can read of a file that was cut short, and says so in its log
 * alone.
 */
export function readShortened(log: string): readonly Shortened[] {
  return [...log.matchAll(/Truncating the AOF ?(\S*) at offset (\d+)/g)].map(([, file = "", offset = "0"]) => ({
    // Redis 6 has one file, and does not name it.
    file: file === "" ? "appendonly.aof" : file,
    keptBytes: Number(offset),
  }));
}

export const FILE_SHORTENED =
  "the private Redis began with less of its append-only file than there was: the end was not whole (its disk was full, or the " +
  "file was cut). A write that was cut off while Redis was killed was never acknowledged; if more is missing, the state is told to have gone back";
