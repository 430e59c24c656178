import type { Answer, Said } from "@sluice/record";
import { FORBIDDEN_AGAIN_MS, MAX_FORBIDDEN } from "../limits.ts";

/**
 * Whose fault it is that something was forbidden (403). Of one record, or of one object, it is that one's while what was asked
 * later is granted; while nothing is granted it may be everybody's, and nobody is blamed.
 */
export type Permissions = {
  /** A request sets out. @returns its number */
  begin(): number;
  granted(request: number): void;
  /** `who` was forbidden what it asked for. `asJob`: its halves will ask under the same name. */
  forbidden(who: string, said: Said, asJob?: boolean): Answer;
};

export function createPermissions(): Permissions {
  let requests = 0;
  let lastGranted = 0;
  /** Who was forbidden, and how many requests had set out by then; since the last granted one. */
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
        // It may be forbidden with everybody else the next time; a half of a job is told at once.
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
