import { decide, type RetryPolicy, type Verdict } from "@sluice/record";
import type { Claim, Lane, Settled } from "@sluice/queue";
import type { Clock, Log } from "@sluice/runtime";
import type { Exchange, Write } from "./destination.ts";
import { letterOf } from "./letter.ts";

/** Carries out on the lane what an answer means for a record. */
export type Outcomes = {
  /**
   * What the answer means for the record, by its own history of failing. `probing`: it was sent to try whether the destination
   * is well again, which is no attempt of its own.
   */
  verdictOf(write: Write, exchange: Exchange, probing?: boolean): Verdict;
  /** Settles, buries, or gives back for a retry. */
  carryOut(write: Write, exchange: Exchange, verdict: Verdict, probing?: boolean): Promise<void>;
  /** The same for all that one answer was given to, which is told once. */
  carryOutAlike(writes: readonly Write[], exchange: Exchange, probing: boolean): Promise<void>;
  /** Given back unsent: no attempt is spent and its place is kept. */
  giveBack(claims: readonly Claim[]): Promise<void>;
  /** Nothing is to be sent: a late delete took it back, or the destination holds these values already. */
  settleUnsent(claim: Claim): Promise<void>;
};

export type OutcomeOptions = {
  readonly lane: Lane;
  readonly retry: RetryPolicy;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** Called with seconds from the event's receipt to its confirmed write. */
  readonly onSettled: (eventToRecordSeconds: number) => void;
};

export function createOutcomes({ lane, retry, clock, random, log, onSettled }: OutcomeOptions): Outcomes {
  const settled = (claim: Claim, word: Settled): void => {
    if (word === "quiet" || word === "more") onSettled((clock.nowMs() - claim.sinceMs) / 1000);
  };

  const apply = async (
    { claim, effect }: Write,
    exchange: Exchange,
    verdict: Verdict,
    probing: boolean,
  ): Promise<void> => {
    switch (verdict.kind) {
      case "settle":
        // The fields of a record that was deleted first go out with its next claim.
        settled(claim, await (effect === "delete" ? lane.settleDelete(claim) : lane.settleFields(claim)));
        return;
      case "hold":
        await lane.wait(claim, 0, 0);
        return;
      case "retry":
        // After a probe that failed another record is tried: the fault may be this one's after all. What the destination
        // is held for is no wait of the record's own: it may be resumed before.
        await lane.wait(claim, verdict.delayMs, probing ? 0 : 1);
        return;
      case "bury":
        await lane.bury(claim, letterOf({ claim, effect }, verdict, exchange, clock.nowMs()));
        return;
    }
  };

  const verdictOf: Outcomes["verdictOf"] = ({ effect, claim }, { answer }, probing = false) => {
    // By Redis' clock, which is the fencing token's: this machine's may be days off.
    const claimedAtMs = Number(claim.fence) / 1000;
    const failingForMs = claim.failingSinceMs === null ? 0 : claimedAtMs - claim.failingSinceMs;
    const history = probing ? { attempts: 0, failingForMs: 0 } : { attempts: claim.attempts, failingForMs };
    return decide(effect, answer, { ...history, random: random() }, retry);
  };

  return {
    verdictOf,
    async carryOut(write, exchange, verdict, probing = false) {
      const level = verdict.kind === "settle" ? "debug" : "warn";
      // Most writes settle, and nobody reads of them: what would be said is not even put together.
      if (log.isLevelEnabled(level)) log[level](aboutAttempt(write, exchange, verdict), `attempt: ${verdict.kind}`);
      await apply(write, exchange, verdict, probing);
    },
    async carryOutAlike(writes, exchange, probing) {
      const verdicts = writes.map((write) => verdictOf(write, exchange, probing));
      const buried = verdicts.filter(({ kind }) => kind === "bury").length;
      const { destination, object } = writes[0]!.claim;
      const [verdict] = verdicts;
      const entry = { destination, object, records: writes.length, buried, status: statusOf(exchange), verdict };
      log.warn(entry, `job: ${verdict?.kind}`);
      await Promise.all(writes.map(async (write, index) => await apply(write, exchange, verdicts[index]!, probing)));
    },
    async giveBack(claims) {
      await Promise.all(claims.map(async (claim) => await lane.wait(claim, 0, 0)));
    },
    async settleUnsent(claim) {
      settled(claim, await (claim.snapshot.fields.size === 0 ? lane.settleFields(claim) : lane.settleUnchanged(claim)));
    },
  };
}

function aboutAttempt({ claim, effect }: Write, exchange: Exchange, verdict: Verdict): object {
  return {
    destination: claim.destination,
    object: claim.object,
    key: claim.key.value,
    effect,
    fields: claim.snapshot.fields.size,
    changes: [...claim.snapshot.open.values()].reduce((sum, count) => sum + count, 0),
    attempt: claim.attempts + 1,
    status: statusOf(exchange),
    ...(verdict.kind === "settle" ? {} : { verdict }),
  };
}

function statusOf({ answer }: Exchange): number | string {
  return answer.kind === "reply" ? answer.status : answer.code;
}
