// Breaks: parts meet at their entries.
export type { Scheme } from "../../event/src/scheme.ts";
