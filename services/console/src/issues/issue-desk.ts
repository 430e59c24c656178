import type { Outbox } from "@sluice/queue";
import type { Actor } from "@sluice/operator";
import { Fault } from "../api/fault.ts";
import type { Issue } from "../contract/issue.ts";
import type { FieldWatch } from "../fields/watch-fields.ts";
import type { DeadLetterCatalog } from "../dead-letters/dead-letter-catalog.ts";
import { LIMITS } from "../limits.ts";
import type { LiveState } from "../live-state.ts";
import type { FleetWatch } from "../now/fleet-watch.ts";
import { createIssueWebhookSender } from "./issue-webhook-sender.ts";
import { gatherFacts } from "./gather-facts.ts";
import { messagesOf } from "./issue-message.ts";
import { keepIssues } from "./kept-issues.ts";
import { step, withAct, type IssueAct, type KeptIssue } from "./life.ts";
import { observe } from "./observe.ts";
import { shownIssue } from "./shown-issue.ts";

/** The issues of the whole fleet: one console at a time looks for them, every console shows them and takes people's words. */
export type IssueDesk = {
  /** Open ones first, and of each state the newest first. */
  all(): Promise<readonly Issue[]>;
  get(id: string): Promise<Issue | null>;
  /** @throws Fault `issue_unknown`, `act_conflict` */
  act(id: string, what: IssueAct["what"], by: Actor): Promise<Issue>;
  /** How many were open at the last look. */
  readonly open: number;
  close(): Promise<void>;
};

export type IssueDeskOptions = LiveState & {
  readonly watch: FleetWatch;
  readonly letters: Pick<DeadLetterCatalog, "groups">;
  readonly fields: Pick<FieldWatch, "drifts">;
};

export function openIssueDesk(options: IssueDeskOptions): IssueDesk {
  const { queue, configuration, clock, log } = options;
  const kept = keepIssues(queue.temporaryTexts);
  const webhookSender = createIssueWebhookSender({ configuration, clock, temporaryTexts: queue.temporaryTexts });
  const facts = gatherFacts({ ...options, webhookSender });
  let outbox: Promise<Outbox> | null = null;
  let open = 0;
  let lastLeftOut = 0;
  let working: Promise<void> | null = null;

  /** Issues with the words that people have said since the last look. */
  async function current(): Promise<{ readonly issues: readonly KeptIssue[]; readonly acts: readonly IssueAct[] }> {
    const [issues, acts] = await Promise.all([kept.all(), kept.acts()]);
    const said = acts.toSorted((a, b) => a.atMs - b.atMs);
    const withWords = issues.map((issue) => said.filter(({ id }) => id === issue.id).reduce(withAct, issue));
    return { issues: withWords, acts };
  }

  async function work(): Promise<void> {
    const receivers = configuration().issueWebhooks ?? [];
    if (receivers.length > 0) await openOutbox();
    const issues = (await isMine()) ? await look() : (await current()).issues;
    open = issues.filter(({ state }) => state === "open").length;
  }

  async function isMine(): Promise<boolean> {
    return await queue.elect("issues", queue.session, LIMITS.issueTermMs);
  }

  async function look(): Promise<readonly KeptIssue[]> {
    const marks = new Map(
      (await kept.all()).flatMap(({ id, mark, seenSinceMs }) => (seenSinceMs === null ? [] : [[id, mark] as const])),
    );
    const observed = observe(await facts.read(marks));
    // Facts may take longer than a term: another console may look by now, and what it has written is not to be written over.
    if (!(await isMine())) return (await current()).issues;
    const [before, acts] = await Promise.all([kept.all(), kept.acts()]);
    const { issues, leftOut } = step(before, observed, acts, clock.nowMs());
    if (leftOut > lastLeftOut) log.warn({ component: "issues", leftOut }, "there is no room for more issues");
    lastLeftOut = leftOut;
    // Turns are told after they were written: what a crash keeps from being told is told by whoever looks next, under the same id.
    await kept.replace(before, issues);
    await kept.forget(acts);
    const told: KeptIssue[] = [];
    for (const issue of issues) told.push(await tell(issue));
    await kept.replace(issues, told);
    return told;
  }

  async function tell(issue: KeptIssue): Promise<KeptIssue> {
    if (issue.life.every(({ isTold }) => isTold)) return issue;
    for (const message of messagesOf(issue, configuration().issueWebhooks ?? [])) {
      const { add } = await openOutbox();
      const isTaken = await add(`${message.receiver}_${message.id}`, JSON.stringify(message));
      if (!isTaken) log.warn({ component: "issues", issue: issue.id }, "too many webhooks wait: this one is left out");
    }
    return { ...issue, life: issue.life.map((turn) => ({ ...turn, isTold: true })) };
  }

  async function openOutbox(): Promise<Outbox> {
    outbox ??= queue.outbox().then((opened) => {
      opened.deliver(webhookSender);
      return opened;
    });
    return await outbox;
  }

  const timer = setInterval(() => {
    working ??= work()
      .catch((error: unknown) => log.warn({ component: "issues", err: error }, "issues could not be looked for"))
      .finally(() => (working = null));
  }, LIMITS.issueLookEveryMs);
  timer.unref();

  async function find(id: string): Promise<Issue | null> {
    const issue = (await current()).issues.find((each) => each.id === id);
    return issue === undefined ? null : shownIssue(issue);
  }

  return {
    async all() {
      const shown = (await current()).issues.flatMap((issue) => shownIssue(issue) ?? []);
      return shown.toSorted(
        (a, b) => ORDER[a.state] - ORDER[b.state] || (a.openedAt < b.openedAt ? 1 : -1) || (a.id < b.id ? -1 : 1),
      );
    },
    get: find,
    async act(id, what, { actor, reason }) {
      const before = await find(id);
      if (before === null) throw new Fault("issue_unknown", `there is no issue ${id}`);
      if (before.state === "resolved" || before.state === what) {
        throw new Fault("act_conflict", `it is ${before.state} already`);
      }
      const openedMs = Date.parse(before.openedAt);
      await kept.act({ id, what, openedMs, atMs: clock.nowMs(), by: actor, reason: reason ?? null });
      return (await find(id)) ?? before;
    },
    get open() {
      return open;
    },
    async close() {
      clearInterval(timer);
      await webhookSender.close();
      // A Redis that is away answers none of its commands: they end with the connection.
      if (outbox !== null) await (await outbox).close();
      await working;
    },
  };
}

const ORDER: Readonly<Record<Issue["state"], number>> = { open: 0, acknowledged: 1, resolved: 2 };
