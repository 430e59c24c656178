import { describeUnseen, type Queue } from "@sluice/queue";
import type { Clock, Configuration } from "@sluice/runtime";
import type { FieldWatch } from "../fields/watch-fields.ts";
import type { DeadLetterGroup } from "../contract/dead-letter.ts";
import type { DeadLetterCatalog } from "../dead-letters/dead-letter-catalog.ts";
import { LIMITS } from "../limits.ts";
import type { FleetSnapshot, FleetWatch } from "../now/fleet-watch.ts";
import type { IssueWebhookSender } from "./issue-webhook-sender.ts";
import type { Facts } from "./facts.ts";

export type FactSources = {
  readonly queue: Pick<Queue, "intake" | "state">;
  readonly configuration: () => Configuration;
  readonly clock: Clock;
  readonly watch: FleetWatch;
  readonly letters: Pick<DeadLetterCatalog, "groups">;
  readonly fields: Pick<FieldWatch, "drifts">;
  readonly webhookSender: Pick<IssueWebhookSender, "failing">;
};

/** Reads the facts that issues are decided from. What costs much is read again only now and then. */
export function gatherFacts({ queue, configuration, clock, watch, letters, fields, webhookSender }: FactSources): {
  read(marks: Facts["marks"]): Promise<Facts>;
} {
  const groups = rememberGroups(letters);
  const days = rememberFor(LIMITS.weekReadEveryMs, async () => {
    const names = [...configuration().sources.keys()];
    return await queue.intake.seenDays(names, clock.nowMs());
  });
  return {
    async read(marks) {
      const nowMs = clock.nowMs();
      const look = await watch.latest();
      const [ofLetters, wentBack, refused, ofDays, ofFields, failing] = await Promise.all([
        orNull(groups(look)),
        orNull(queue.state.regresses().then((regresses) => describeUnseen(regresses) ?? undefined)),
        orNull(queue.intake.refused.lately(LIMITS.refusedMinutes, nowMs)),
        orNull(days()),
        fields.drifts(),
        orNull(webhookSender.failing()),
      ]);
      return {
        nowMs,
        configuration: configuration(),
        lanes: look.lanes,
        intake: look.intake,
        workers: look.workers,
        groups: ofLetters,
        wentBack,
        refused,
        days: ofDays,
        fields: ofFields,
        failing,
        marks,
      };
    },
  };
}

async function orNull<Fact>(asked: Promise<Fact>): Promise<Fact | null> {
  return await asked.catch(() => null);
}

/**
 * Dead letters are read again when their number has changed, and now and then: one may have taken another's place. A list that does not
 * come to that number, as one of more letters than it may have, takes a small share of the time.
 */
export function rememberGroups(
  letters: FactSources["letters"],
): (look: Pick<FleetSnapshot, "lanes" | "intake">) => Promise<readonly DeadLetterGroup[]> {
  let known: {
    readonly count: number;
    readonly atMs: number;
    readonly tookMs: number;
    readonly groups: readonly DeadLetterGroup[];
  } | null = null;
  const isFresh = (count: number, now: number): boolean => {
    if (known === null) return false;
    const ageMs = now - known.atMs;
    if (ageMs < known.tookMs * LIMITS.lettersPauseTimes) return true;
    return known.count === count && ageMs < LIMITS.lettersReadEveryMs;
  };
  return async ({ lanes, intake }) => {
    const count = [...lanes.values()].reduce((sum, lane) => sum + lane.deadRecords, intake.deadLetters);
    if (count === 0) return [];
    const startedAt = performance.now();
    if (known !== null && isFresh(count, startedAt)) return known.groups;
    const { groups: found, letters: reached, unreached } = await letters.groups({});
    // A cause whose letters can't be asked for now is as it was known last: its issue is not over for that.
    const ids = new Set(found.map(({ id }) => id));
    const unseen = unreached === 0 ? [] : (known?.groups ?? []).filter(({ id }) => !ids.has(id));
    const groups = [...found, ...unseen];
    // The list that was read may be older than the number: then it is read again at the next look.
    const atMs = performance.now();
    known = { count: reached + unreached, atMs, tookMs: atMs - startedAt, groups };
    return groups;
  };
}

function rememberFor<Fact>(forMs: number, read: () => Promise<Fact>): () => Promise<Fact> {
  let known: { readonly fact: Fact; readonly atMs: number } | null = null;
  return async () => {
    if (known !== null && performance.now() - known.atMs < forMs) return known.fact;
    const fact = await read();
    known = { fact, atMs: performance.now() };
    return fact;
  };
}
