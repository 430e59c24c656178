import { setTimeout as sleep } from "node:timers/promises";
import { asideOf, decide, type RetryPolicy, type Verdict } from "@sluice/record";
import type { Claim, Lane, Settled, SettledHow } from "@sluice/queue";
import type { Clock, Log } from "@sluice/runtime";
import type { Exchange } from "@sluice/destination";
import type { Ending } from "@sluice/history";
import type { FlightEnd, Trip } from "../history/flown-of.ts";
import { writeOf, type ClaimedWrite } from "./write.ts";
import type { HeldObjects } from "../requests/held-objects.ts";
import { deadLetterOfWrite } from "./dead-letter.ts";
import { TELL_FOR_MS } from "../limits.ts";
import { retryUntil } from "./retry-until.ts";

/** Carries out on the lane the verdict of an answer on a record. */
export type Outcomes = {
  /**
   * The verdict of an answer on the record, by the record's own history of failing. `probing`: the request was sent to try whether
   * the destination is well again, which is no attempt of the record's own.
   */
  verdictOf(write: ClaimedWrite, exchange: Exchange, probing?: boolean): Verdict;
  /** Settles the record, buries it, or gives it back for a retry. */
  carryOut(
    write: ClaimedWrite,
    exchange: Exchange,
    verdict: Verdict,
    probing: boolean,
    trip: Trip | null,
  ): Promise<void>;
  /** Carries out one answer for all the writes that it was given to, and logs it once. */
  carryOutAlike(writes: readonly ClaimedWrite[], exchange: Exchange, probing: boolean, trip: Trip): Promise<void>;
  /** The record's object takes no record for now: the record waits, unsent. */
  holdBack(claim: Claim, pauseMs: number): Promise<void>;
  /** Gives records back unsent: no attempt is spent and their places are kept. `together`: so many may share their next request. */
  giveBack(claims: readonly Claim[], together?: number): Promise<void>;
  /** The stop cut the request off: the destination may have carried it out. */
  cutOff(claims: readonly Claim[]): Promise<void>;
  /** A fault of our own ended the flight: it counts as an attempt, however much of it was sent. */
  fail(writes: readonly ClaimedWrite[], error: Error): Promise<void>;
  /** Workers died again and again with the record in flight: it may be what ends them. */
  buryLost(claim: Claim): Promise<void>;
  /** Nothing is to be sent: a late delete took the change back, or the destination holds these values already. */
  settleUnsent(claim: Claim): Promise<void>;
};

export type OutcomeOptions = {
  readonly lane: Lane;
  readonly retry: RetryPolicy;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly objects: HeldObjects;
  /** Whether the destination is known to check tokens: at another one a write that was not answered may still land. */
  readonly fences: () => boolean;
  /** Called when a destination that checks no token confirmed a write of a flight that was over: a newer one may stand behind it. */
  readonly onLate: (claim: Claim) => Promise<void>;
  /** Called when Redis could not be told how a flight ended; it is tried again. */
  readonly onFault: (error: unknown) => void;
  /** Called with seconds from the event's receipt to its confirmed write. */
  readonly onSettled: (eventToRecordSeconds: number) => void;
  /** Called with each flight that ended, once Redis was told. */
  readonly onEnded: (write: ClaimedWrite, exchange: Exchange | null, trip: Trip | null, end: FlightEnd) => void;
};

export function createOutcomes(options: OutcomeOptions): Outcomes {
  const { lane, retry, clock, random, log, objects, fences, onLate, onSettled, onFault, onEnded } = options;
  const settled = (claim: Claim, word: Settled): void => {
    if (word !== "lost") onSettled((clock.nowMs() - claim.sinceMs) / 1000);
  };

  const tell = async <T>(call: () => Promise<T>): Promise<{ readonly answer: T; readonly again: boolean }> => {
    const nowMs = (): number => performance.now();
    return await retryUntil(call, { untilMs: nowMs() + TELL_FOR_MS, nowMs, pause: restFor, onFault });
  };
  const wait = async (...[claim, delayMs, why]: Parameters<Lane["wait"]>): Promise<"lost" | "waiting"> =>
    (await tell(async () => await lane.wait(claim, delayMs, why))).answer;

  const settle = async (claim: Claim, effect: ClaimedWrite["effect"], how: SettledHow): Promise<Settled> =>
    await (effect === "delete" ? lane.settleDelete(claim, how) : lane.settleFields(claim, how));

  /** Fields that are refused by their names are set aside alone, with the ones refused before: the other fields are not to blame. */
  const bury = async (
    write: ClaimedWrite,
    exchange: Exchange,
    verdict: Extract<Verdict, { kind: "bury" }>,
  ): Promise<Pick<FlightEnd, "verdict" | "refused">> => {
    const { claim, effect } = write;
    const { snapshot } = claim;
    const isPartial = effect === "fields" && !verdict.all && snapshot.fields.size > 1;
    if (isPartial && exchange.shared === true) {
      // An answer to a record that shared a request names no field: an answer to the record alone does.
      const told = await wait(claim, 0, { spent: true, why: verdict.code, together: 1 });
      return { verdict: unlessLost(told, "retry"), refused: [] };
    }
    const aside = isPartial ? asideOf(snapshot, verdict.names) : [];
    if (aside.length === 0) {
      const letter = deadLetterOfWrite(write, verdict, exchange, clock.nowMs());
      const { answer } = await tell(async () => await lane.bury(claim, letter));
      return { verdict: unlessLost(answer, "buried"), refused: [] };
    }
    const fields = new Map([...snapshot.fields].filter(([field]) => aside.includes(field)));
    const isNews = [...fields.values()].some(({ change }) => change > 0);
    const refused: ClaimedWrite = { effect, claim: { ...claim, snapshot: { ...snapshot, deletion: null, fields } } };
    const letter = isNews ? deadLetterOfWrite(refused, verdict, exchange, clock.nowMs()) : null;
    const { answer } = await tell(async () => await lane.setAside(claim, aside, letter));
    return { verdict: unlessLost(answer, "set_aside"), refused: aside };
  };

  /** @returns how the flight ended */
  const carriedOut = async (
    { claim, effect }: ClaimedWrite,
    exchange: Exchange,
    verdict: Verdict,
    probing: boolean,
  ): Promise<Omit<FlightEnd, "isProbe">> => {
    switch (verdict.kind) {
      case "settle": {
        // The fields of a record that was deleted first go out with its next claim.
        objects.free(claim.object);
        const { answer: word, again } = await tell(async () => await settle(claim, effect, verdict));
        // A try whose answer was lost may have been carried out: then the next one finds the flight over.
        settled(claim, again ? "more" : word);
        if (word === "lost" && !again && !fences()) await onLate(claim);
        await exchange.onSettled?.();
        const as = verdict.superseded === true ? "superseded" : "settled";
        const ended = again ? as : unlessLost(word, as);
        return { verdict: ended, code: null, message: null, refused: [] };
      }
      case "hold": {
        const blamed = verdict.reason === "credentials";
        const told = await wait(claim, 0, { spent: false, why: verdict.reason, blamed });
        return { verdict: unlessLost(told, "held"), code: verdict.reason, message: messageOf(exchange), refused: [] };
      }
      case "holdObject": {
        objects.hold(claim.object, verdict.pauseMs, verdict.message);
        const told = await wait(claim, verdict.pauseMs, { spent: false, why: verdict.code });
        return { verdict: unlessLost(told, "object_held"), code: verdict.code, message: verdict.message, refused: [] };
      }
      case "retry": {
        // After a probe that failed another record is tried: the fault may be this one's after all. The destination's hold is
        // no wait of the record's own: the destination may be resumed before.
        const told = await wait(claim, verdict.delayMs, {
          spent: !probing && verdict.spent,
          why: verdict.reason,
          blamed: probing,
          unsettled: !fences() && verdict.unsettled,
          ...(verdict.newestToken === undefined ? {} : { newestToken: verdict.newestToken }),
        });
        return { verdict: unlessLost(told, "retry"), code: verdict.reason, message: messageOf(exchange), refused: [] };
      }
      case "bury":
        return {
          ...(await bury({ claim, effect }, exchange, verdict)),
          code: verdict.code,
          message: verdict.message,
        };
    }
  };
  const apply = async (
    write: ClaimedWrite,
    exchange: Exchange,
    verdict: Verdict,
    probing: boolean,
    trip: Trip | null,
  ): Promise<void> => {
    const end = await carriedOut(write, exchange, verdict, probing);
    onEnded(write, exchange, trip, { ...end, isProbe: probing });
  };

  const verdictOf: Outcomes["verdictOf"] = ({ claim }, { answer }, probing = false) => {
    // By Redis' clock, which is the fencing token's: this machine's may be days off.
    const claimedAtMs = Number(claim.fence) / 1000;
    const failingForMs = claim.failingSinceMs === null ? 0 : claimedAtMs - claim.failingSinceMs;
    const history = probing ? { attempts: 0, failingForMs: 0 } : { attempts: claim.attempts, failingForMs };
    return decide(answer, { ...history, random: random() }, retry);
  };

  return {
    verdictOf,
    async carryOut(write, exchange, verdict, probing, trip) {
      const level = verdict.kind === "settle" && verdict.superseded !== true ? "debug" : "warn";
      // Most writes settle, and nobody reads of them: their log line is not even put together.
      if (log.isLevelEnabled(level)) log[level](aboutAttempt(write, exchange, verdict), `attempt: ${wordOf(verdict)}`);
      await apply(write, exchange, verdict, probing, trip);
    },
    async carryOutAlike(writes, exchange, probing, trip) {
      const verdicts = writes.map((write) => verdictOf(write, exchange, probing));
      const buried = verdicts.filter(({ kind }) => kind === "bury").length;
      const { claim, flight } = writes[0]!;
      const { destination, object } = claim;
      const [verdict] = verdicts;
      const traced = flight === undefined ? {} : { trace_id: flight.traceId };
      const entry = {
        destination,
        object,
        records: writes.length,
        buried,
        status: exchange.status,
        verdict,
        ...traced,
      };
      log.warn(entry, `job: ${verdict?.kind}`);
      await Promise.all(
        writes.map(async (write, index) => await apply(write, exchange, verdicts[index]!, probing, trip)),
      );
    },
    async giveBack(claims, together = 0) {
      await Promise.all(claims.map(async (claim) => await wait(claim, 0, { spent: false, together })));
    },
    async holdBack(claim, pauseMs) {
      await wait(claim, pauseMs, { spent: false, why: "object_held" });
    },
    async cutOff(claims) {
      const cut = { spent: true, why: "cut_off", unsettled: !fences() };
      await Promise.all(
        claims.map(async (claim) => {
          const ended = unlessLost(await wait(claim, 0, cut), "cut_off");
          onEnded(writeOf(claim), null, null, { ...WITHOUT_ANSWER, verdict: ended, code: cut.why });
        }),
      );
    },
    async fail(writes, error) {
      const answer = { kind: "unknown", code: "fault", message: error.message } as const;
      const exchange: Exchange = { answer, status: answer.code, shown: null };
      await Promise.all(
        writes.map(async (write) => await apply(write, exchange, verdictOf(write, exchange), false, null)),
      );
    },
    async buryLost(claim) {
      const code = "flights_lost";
      const message = `${claim.lost} of its flights in a row were ended by nobody: it may be what ends workers`;
      const write = writeOf(claim);
      const exchange: Exchange = { answer: { kind: "unknown", code, message }, status: code, shown: null };
      await apply(
        write,
        exchange,
        { kind: "bury", health: "unheard", code, message, names: [], all: true },
        false,
        null,
      );
    },
    async settleUnsent(claim) {
      const isEmpty = claim.snapshot.fields.size === 0;
      const { answer } = await tell(
        async () => await (isEmpty ? lane.settleFields(claim) : lane.settleUnchanged(claim)),
      );
      settled(claim, answer);
      const ended = unlessLost(answer, isEmpty ? "emptied" : "unchanged");
      onEnded(writeOf(claim), null, null, { ...WITHOUT_ANSWER, verdict: ended });
    },
  };
}

function wordOf(verdict: Verdict): string {
  return verdict.kind === "settle" && verdict.superseded === true ? "superseded at the destination" : verdict.kind;
}

const WITHOUT_ANSWER = { code: null, message: null, isProbe: false, refused: [] } as const;

function unlessLost(word: string, ended: Ending): Ending {
  return word === "lost" ? "lost" : ended;
}

function messageOf({ answer }: Exchange): string | null {
  return "message" in answer ? answer.message : null;
}

function aboutAttempt({ claim, effect, flight }: ClaimedWrite, exchange: Exchange, verdict: Verdict): object {
  return {
    destination: claim.destination,
    object: claim.object,
    key: claim.key.value,
    effect,
    fields: claim.snapshot.fields.size,
    changes: [...claim.snapshot.open.values()].reduce((sum, count) => sum + count, 0),
    attempt: claim.attempts + 1,
    status: exchange.status,
    ...(verdict.kind === "settle" ? {} : { verdict }),
    ...(flight === undefined ? {} : { trace_id: flight.traceId }),
  };
}

/** Waits before the next try. The timer keeps no process that stops: the lease will do. */
async function restFor(ms: number): Promise<void> {
  await sleep(ms, undefined, { ref: false });
}
