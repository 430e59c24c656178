/** The stream of progress: the error stream, so that a command's output can be piped. */
export type ProgressStream = { readonly isTTY?: boolean | undefined; write(text: string): unknown };

/** One line of progress that is written over on a terminal; elsewhere a line now and then. */
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
      stream.write(terminal ? `\r\u001B[2K${text}` : `${text}\n`);
    },
    clear() {
      if (terminal && shown) stream.write("\r\u001B[2K");
      shown = false;
    },
  };
}
