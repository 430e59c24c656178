import { createRequire } from "node:module";
import type { Redis } from "ioredis";

const load = createRequire(import.meta.url);
let library: typeof import("ioredis") | undefined;

/** The client of Redis is loaded with the first connection: commands that ask no Redis load this package too. */
export function ioredis(): typeof import("ioredis") {
  if (library === undefined) {
    library = load("ioredis") as typeof import("ioredis");
    hearAsking(library.Redis.prototype);
  }
  return library;
}

/**
 * While a slot moves the cluster's client sends ASKING before a command, and hears no answer of it: one that failed with its connection ended the
 * process (`findings/ioredis-asking-is-not-heard.sh`). The command fails with it, and that is heard. BullMQ opens connections of its own, so all
 * connections are meant.
 */
function hearAsking(connection: Redis): void {
  const { asking } = connection;
  // No async function: its promise would be another one, which nobody hears either.
  connection.asking = function (this: Redis) {
    const asked = asking.call(this);
    asked.catch(() => {});
    return asked;
  };
}
