/** The stream of progress: the error stream, so that a command's output can be piped. */
export type ProgressStream = {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
};

/** One line of progress that is written over on a terminal, and no longer than that is wide; elsewhere a line now and then. */
export type ProgressLine = {
  show(text: string): void;
  /** Takes the line away, before other output is printed. */
  clear(): void;
};

const EVERY_MS = { terminal: 100, elsewhere: 5000 };

/** @param nowMs a clock that only goes forward */
export function createProgress(stream: ProgressStream, nowMs: () => number): ProgressLine {
  const terminal = stream.isTTY === true;
  let shownAt = -Infinity;
  let shown = false;
  return {
    show(text) {
      const now = nowMs();
      if (now - shownAt < (terminal ? EVERY_MS.terminal : EVERY_MS.elsewhere)) return;
      shownAt = now;
      shown = true;
      // A line that wraps can't be written over: only its last row would be.
      stream.write(terminal ? `\r\u001B[2K${text.slice(0, (stream.columns || 80) - 1)}` : `${text}\n`);
    },
    clear() {
      if (terminal && shown) stream.write("\r\u001B[2K");
      shown = false;
    },
  };
}
