import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Marks, MarksKeeper } from "@sluice/queue";

/** The file of a data directory that says how far the state of its private Redis had come. The file stands beside that Redis' own files. */
export const MARKS_FILE = "marks.json";

/** Holds the data directory's marks. A file that can't be read says nothing: the state is taken as it is found. */
export function keepMarks(dataDir: string): MarksKeeper {
  const file = join(dataDir, MARKS_FILE);
  let kept = "";
  return {
    read() {
      try {
        const marks = JSON.parse(readFileSync(file, "utf8")) as Marks;
        return typeof marks.arrival === "number" && typeof marks.tokens === "object" ? marks : null;
      } catch {
        return null;
      }
    },
    keep(marks) {
      const text = `${JSON.stringify(marks)}\n`;
      if (text === kept) return;
      writeFileSync(`${file}.new`, text, { mode: 0o600 });
      renameSync(`${file}.new`, file);
      kept = text;
    },
  };
}
