// Breaks: arrows go one way.
import type { Clock } from "@sluice/runtime";

export type Timed = { readonly clock: Clock };
