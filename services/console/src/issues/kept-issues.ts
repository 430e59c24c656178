import type { TemporaryTexts } from "@sluice/queue";
import { LIMITS } from "../limits.ts";
import type { IssueAct, KeptIssue } from "./life.ts";

/** Issues as they stand in Redis, for the whole fleet. The one console that watches writes them; people's words reach it by a map of their own. */
export type KeptIssues = {
  all(): Promise<readonly KeptIssue[]>;
  /** Writes those that have changed, and forgets those that are gone. */
  replace(before: readonly KeptIssue[], after: readonly KeptIssue[]): Promise<void>;
  acts(): Promise<readonly IssueAct[]>;
  act(act: IssueAct): Promise<void>;
  /** Forgets words that are part of their issues by now. */
  forget(acts: readonly IssueAct[]): Promise<void>;
};

export function keepIssues(temporaryTexts: TemporaryTexts): KeptIssues {
  const issues = temporaryTexts.map("issues", LIMITS.issueKeptMs);
  const acts = temporaryTexts.map("issue-acts", LIMITS.issueKeptMs);
  const placeOf = ({ id, what, atMs }: IssueAct): string => `${id} ${what} ${atMs}`;
  return {
    all: async () => [...(await issues.all()).values()].map((text) => JSON.parse(text) as KeptIssue),
    async replace(before, after) {
      const known = new Map(before.map((issue) => [issue.id, issue]));
      for (const issue of after) {
        if (isNews(known.get(issue.id), issue)) await issues.put(issue.id, JSON.stringify(issue));
        known.delete(issue.id);
      }
      await issues.drop([...known.keys()]);
    },
    acts: async () => [...(await acts.all()).values()].map((text) => JSON.parse(text) as IssueAct),
    act: async (act) => await acts.put(placeOf(act), JSON.stringify(act)),
    forget: async (done) => await acts.drop(done.map(placeOf)),
  };
}

/** An issue that is merely seen again is written now and then. */
function isNews(before: KeptIssue | undefined, after: KeptIssue): boolean {
  if (before === undefined || after.lastSeenMs - before.lastSeenMs >= LIMITS.issueSeenWrittenEveryMs) return true;
  const still = { ...after, lastSeenMs: before.lastSeenMs };
  return JSON.stringify(still) !== JSON.stringify(before);
}
