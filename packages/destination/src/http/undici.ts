import { createRequire } from "node:module";

const load = createRequire(import.meta.url);

/** undici is loaded with the first connection: commands that ask nobody load this package too. */
export const undici = (): typeof import("undici") => load("undici") as typeof import("undici");
