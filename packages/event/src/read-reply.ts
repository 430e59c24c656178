import type { Reply, ReplyProfile } from "./scheme.ts";
import type { Written } from "./written.ts";

const OCCASIONS = ["success", "duplicate", "notAuthentic", "unreadable", "refused"] as const;

/**
 * Reads `reply:` of a scheme that is written out: for each occasion the status that its sender wants, without
 * a body. `refused` stands for every other answer from 400 to 499. What is left out is answered ordinarily.
 */
export function readReply(written: Written): ReplyProfile {
  const replies = OCCASIONS.flatMap((occasion): [string, Reply][] => {
    if (!written.has(occasion)) return [];
    const status = written.integer(occasion, 200, 599);
    return status === undefined ? [] : [[occasion, { status, body: "none" }]];
  });
  written.end();
  return Object.fromEntries(replies);
}
