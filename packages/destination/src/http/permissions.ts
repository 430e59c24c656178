import type { Answer, AnswerText } from "@sluice/record";
import { FORBIDDEN_AGAIN_MS, MAX_FORBIDDEN } from "../limits.ts";

/**
 * Decides whose fault a 403 is. A record, or an object, is to blame while requests that were made later are granted; while nothing is
 * granted the credentials may be at fault, and no record is blamed.
 */
export type Permissions = {
  /** A request sets out. @returns its number */
  begin(): number;
  granted(request: number): void;
  /** The request of `who`, a record or an object, was forbidden. `asJob`: the halves of its job will ask under the same name. */
  forbidden(who: string, said: AnswerText, asJob?: boolean): Answer;
};

export function createPermissions(): Permissions {
  let requests = 0;
  let lastGranted = 0;
  /** The names that were forbidden, and how many requests had set out by then. */
  const forbiddenAt = new Map<string, number>();
  const sinceGranted = new Set<string>();
  return {
    begin: () => (requests += 1),
    granted(request) {
      lastGranted = Math.max(lastGranted, request);
      sinceGranted.clear();
    },
    forbidden(who, said, asJob = false) {
      const before = forbiddenAt.get(who);
      // A request that was under way when everything was forbidden may be granted after that: it says nothing.
      if (before !== undefined && lastGranted > before) {
        // The record may be forbidden with everybody else the next time; a half of a job is told at once.
        if (!asJob) forbiddenAt.delete(who);
        return { kind: "record", ...said };
      }
      if (forbiddenAt.size >= MAX_FORBIDDEN) forbiddenAt.clear();
      if (before === undefined) forbiddenAt.set(who, requests);
      const isFirst = sinceGranted.size === 0;
      sinceGranted.add(who);
      if (isFirst) return { kind: "again", ...said, counts: false };
      return { kind: "credentials", ...said, againMs: FORBIDDEN_AGAIN_MS };
    },
  };
}
