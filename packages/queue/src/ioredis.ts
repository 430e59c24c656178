import { createRequire } from "node:module";

const load = createRequire(import.meta.url);

/** The client of Redis is loaded with the first connection: commands that ask no Redis load this package too. */
export const ioredis = (): typeof import("ioredis") => load("ioredis") as typeof import("ioredis");
