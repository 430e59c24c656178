// Breaks: event, record and the wire contract are pure.
import { readFileSync } from "node:fs";

export const read = (path: string): string => readFileSync(path, "utf8");
