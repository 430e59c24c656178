import type { Issue } from "../contract/issue.ts";
import { LIMITS } from "../limits.ts";
import { ISSUE_RULES } from "./kinds.ts";
import { issueId, type Observation } from "./observation.ts";
import type { Observed } from "./observe.ts";

export type IssueTransition = {
  readonly atMs: number;
  readonly what: Issue["life"][number]["what"];
  readonly by: string | null;
  readonly reason: string | null;
  /** Whether the receivers of webhooks were told. */
  readonly isTold: boolean;
};

/** An issue as it is kept. `waiting`: its cause has not stood long enough, and nobody is shown it. */
export type KeptIssue = Required<Observation> & {
  readonly id: string;
  readonly state: "waiting" | Issue["state"];
  /** Since when its cause has been seen at every look; null: it is not seen. */
  readonly seenSinceMs: number | null;
  readonly lastSeenMs: number;
  readonly openedMs: number;
  readonly openings: number;
  /** The level at which a person resolved it while its cause stood; null: nobody did. */
  readonly resolvedLevel: number | null;
  readonly life: readonly IssueTransition[];
};

/** A person's word on an issue. */
export type IssueAct = {
  readonly id: string;
  readonly what: "acknowledged" | "resolved";
  /** The opening that it is about. */
  readonly openedMs: number;
  readonly atMs: number;
  readonly by: string;
  readonly reason: string | null;
};

export type LifeStep = {
  readonly issues: readonly KeptIssue[];
  /** Faults for which there was no room. */
  readonly leftOut: number;
};

/** The issues after a look. */
export function step(
  known: readonly KeptIssue[],
  { observations, blind }: Observed,
  acts: readonly IssueAct[],
  nowMs: number,
): LifeStep {
  const seen = new Map(observations.map((each) => [issueId(each), each]));
  const issues: KeptIssue[] = [];
  for (const before of known) {
    const own = acts.filter(({ id }) => id === before.id).toSorted((a, b) => a.atMs - b.atMs);
    const issue = own.reduce(withAct, before);
    const observation = seen.get(issue.id);
    seen.delete(issue.id);
    const after =
      observation !== undefined
        ? whenSeen(issue, observation, nowMs)
        : blind.has(issue.kind)
          ? issue
          : whenUnseen(issue, nowMs);
    if (after !== null) issues.push(after);
  }
  const wanted = withinKind(issues, [...seen.values()]);
  const room = makeRoom(issues, wanted.length);
  const fresh = wanted.slice(0, Math.max(0, LIMITS.issues - room.length));
  return {
    issues: [...room, ...fresh.map((observation) => whenSeen(begun(observation, nowMs), observation, nowMs))],
    leftOut: seen.size - fresh.length,
  };
}

/** The issue after a person's word. A word about an earlier opening, or one that says what is so already, changes nothing. */
export function withAct(issue: KeptIssue, { what, openedMs, atMs, by, reason }: IssueAct): KeptIssue {
  const isOpen = issue.state === "open" || (issue.state === "acknowledged" && what === "resolved");
  // Consoles' clocks differ: a word is known to be of this opening by the opening's time, not by its own.
  if (!isOpen || openedMs !== issue.openedMs) return issue;
  const turned = withTurn(issue, { atMs, what, by, reason, isTold: false });
  return { ...turned, state: what, resolvedLevel: what === "resolved" ? issue.level : null };
}

function begun(observation: Observation, nowMs: number): KeptIssue {
  return {
    ...filled(observation),
    id: issueId(observation),
    state: "waiting",
    seenSinceMs: null,
    lastSeenMs: nowMs,
    openedMs: 0,
    openings: 0,
    resolvedLevel: null,
    life: [],
  };
}

function filled(observation: Observation): Required<Observation> {
  return { severity: ISSUE_RULES[observation.kind].severity, ...observation };
}

function whenSeen(issue: KeptIssue, observation: Observation, nowMs: number): KeptIssue {
  const seenSinceMs = issue.seenSinceMs ?? nowMs;
  const next = { ...issue, ...filled(observation), seenSinceMs, lastSeenMs: nowMs };
  if (issue.state === "open" || issue.state === "acknowledged") return next;
  const isQuieted = issue.resolvedLevel !== null && observation.level <= issue.resolvedLevel;
  // A person who resolves an issue says that its cause is gone: news of it need not stand for long.
  const hasStood = issue.resolvedLevel !== null || nowMs - seenSinceMs >= ISSUE_RULES[observation.kind].afterMs;
  if (isQuieted || !hasStood) return next;
  const what = issue.openings === 0 ? "opened" : "reopened";
  const opened = withTurn(next, { atMs: nowMs, what, by: null, reason: null, isTold: false });
  return { ...opened, state: "open", openedMs: nowMs, openings: issue.openings + 1, resolvedLevel: null };
}

function whenUnseen(issue: KeptIssue, nowMs: number): KeptIssue | null {
  const unseen = { ...issue, seenSinceMs: null };
  switch (issue.state) {
    case "waiting":
      return null;
    case "open":
    case "acknowledged":
      // A fault that comes and goes is one fault.
      if (nowMs - issue.lastSeenMs < LIMITS.issueGoneAfterMs) return issue;
      return {
        ...withTurn(unseen, { atMs: nowMs, what: "resolved", by: null, reason: null, isTold: false }),
        state: "resolved",
      };
    case "resolved":
      return nowMs - issue.lastSeenMs > LIMITS.issueKeptMs ? null : { ...unseen, resolvedLevel: null };
  }
}

function withTurn(issue: KeptIssue, turn: IssueTransition): KeptIssue {
  return { ...issue, life: [...issue.life, turn].slice(-LIMITS.issueTurns) };
}

/** The new faults for which their kind has room. An issue that stands keeps its place, however many faults there are. */
function withinKind(issues: readonly KeptIssue[], observations: readonly Observation[]): readonly Observation[] {
  const unresolved = issues.filter(({ state }) => state !== "resolved");
  return [...Map.groupBy(observations, ({ kind }) => kind)].flatMap(([kind, some]) => {
    const known = unresolved.filter((issue) => issue.kind === kind).length;
    return some.slice(0, Math.max(0, LIMITS.issuesOfKind - known));
  });
}

/** The issues without as many of those that were resolved the longest ago as are in the way. */
function makeRoom(issues: readonly KeptIssue[], wanted: number): readonly KeptIssue[] {
  const tooMany = issues.length + wanted - LIMITS.issues;
  if (tooMany <= 0) return issues;
  const resolved = issues.filter(({ state, seenSinceMs }) => state === "resolved" && seenSinceMs === null);
  const oldest = new Set(resolved.toSorted((a, b) => a.lastSeenMs - b.lastSeenMs).slice(0, tooMany));
  return issues.filter((issue) => !oldest.has(issue));
}
