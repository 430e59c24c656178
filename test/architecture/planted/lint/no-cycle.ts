import { other } from "./no-cycle-other.ts";

export const one = (): string => other();
