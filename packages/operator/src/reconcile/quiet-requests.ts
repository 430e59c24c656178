import { setTimeout as rest } from "node:timers/promises";
import type { Exchange } from "@sluice/destination";
import type { Queue } from "@sluice/queue";
import { markOf, SluiceError, type DestinationConfiguration } from "@sluice/runtime";
import { LIMITS } from "../limits.ts";

/** Why a request that nobody waits for waits itself. `destination`: it is held, recovers, or has enough to write. `backfill`: the past goes first. `dead_letters`: those of its source have no room. */
export type QuietWait = "destination" | "backfill" | "redis" | "dead_letters";

/**
 * Requests of the lowest class: they go through the destination's gate, with a part of its quota, while nothing live and nothing of a backfill
 * has more to do than the destination takes in a moment.
 */
export type QuietRequests = {
  /** @returns null: it was over before. @throws SluiceError `destination_unread` */
  make<Sent extends { readonly exchange: Exchange }>(send: () => Promise<Sent>): Promise<Sent | null>;
  /** Resolves once so little is to be written that one record more, of these sources, delays nobody. @returns false: it was over before */
  room(sources: Iterable<string>): Promise<boolean>;
};

export type QuietOptions = {
  readonly queue: Queue;
  readonly destination: DestinationConfiguration;
  readonly onWait: (why: QuietWait | null) => Promise<void>;
  /** Ends the waiting; what is sent is to end by it too. */
  readonly signal: AbortSignal;
};

export function createQuietRequests({ queue, destination, onWait, signal }: QuietOptions): QuietRequests {
  const { name, auth, requestsPerMinute, batch, timeoutMs } = destination;
  const gate = queue.gate(name);
  const lane = queue.lane(name);
  const { backfill } = queue.intake;
  const terms = { requestsPerMinute, credentials: markOf(auth), passMs: timeoutMs * LIMITS.passTimeouts };
  const due = Math.max(1, Math.floor(((requestsPerMinute * batch) / 60_000) * LIMITS.quietAheadMs));
  const most = Math.min(LIMITS.quietRecordsDue, due);
  const pace = new Map([[name, most]]);
  let nextMs = -Infinity;

  /** Over at once where the waiting is. */
  async function pause(ms: number): Promise<void> {
    await rest(ms, undefined, { signal }).catch(() => {});
  }

  async function waitsFor(sources: Iterable<string>): Promise<QuietWait | null> {
    if ((await backfill.waiting()) > 0) return "backfill";
    const left = await backfill.room(sources, pace);
    if (typeof left === "number") return null;
    return left === "redis" ? "redis" : left === "letters" ? "dead_letters" : "destination";
  }

  async function room(sources: Iterable<string>): Promise<boolean> {
    while (!signal.aborted) {
      const why = await waitsFor(sources);
      await onWait(why);
      if (why === null) return true;
      await pause(LIMITS.quietLookAgainMs);
    }
    return false;
  }

  /** Whether nothing is due at the destination, so that no write's request would try whether it is well again. */
  async function isIdle(): Promise<boolean> {
    return typeof (await backfill.room([], new Map([[name, 1]]))) === "number";
  }

  /** Leave for one request; null: it was over before. */
  async function leave(): Promise<{ readonly pass: string | null } | null> {
    while (await room([])) {
      const { gate: state, quota } = await lane.numbers();
      const pauseMs = nextMs - performance.now();
      if (pauseMs > 0) {
        await pause(Math.min(pauseMs, LIMITS.quietLookAgainMs));
        continue;
      }
      // The request that tries whether a destination is well again is a write's, where there is one.
      const mayAsk = state.hold === null && (state.allowed === null || (await isIdle()));
      const granted = mayAsk ? await gate.request(terms) : null;
      if (granted !== null && "pass" in granted) {
        const perMinute = Math.min(requestsPerMinute, quota.said ?? Infinity) * quota.share * LIMITS.quietShare;
        nextMs = performance.now() + 60_000 / Math.max(1, perMinute);
        return granted;
      }
      await onWait("destination");
      await pause(Math.min(granted?.forMs ?? Infinity, LIMITS.quietLookAgainMs));
    }
    return null;
  }

  /** Tells the fleet of a quota that is used up, or of a destination that asks to be left alone. */
  async function hear({ answer, quota }: Exchange): Promise<void> {
    if (quota !== undefined) {
      const { limit, remaining, resetSeconds } = quota;
      const resetMs = resetSeconds === undefined ? null : resetSeconds * 1000;
      await gate.learn(requestsPerMinute, { limit, remaining, resetMs });
    }
    if (answer.kind === "slow") await gate.hold(answer.forMs ?? LIMITS.slowHoldMs, "rate_limit");
    if (answer.kind === "down" && answer.forMs > 0) await gate.hold(answer.forMs, "unavailable");
  }

  return {
    room,
    async make(send) {
      for (let failed = 0; ;) {
        const granted = await leave();
        if (granted === null) return null;
        const sent = await send().catch((error: unknown) => {
          if (error !== signal.reason) throw error;
          return null;
        });
        if (sent === null) {
          if (granted.pass !== null) await gate.report(granted.pass, "unheard");
          return null;
        }
        const { answer } = sent.exchange;
        const isUnwell = answer.kind === "down" || answer.kind === "unknown";
        if (granted.pass !== null) await gate.report(granted.pass, isUnwell ? "bad" : "good");
        await hear(sent.exchange);
        if (answer.kind === "done") return sent;
        if (answer.kind === "slow") continue;
        failed += 1;
        if (!(isUnwell || answer.kind === "again") || failed >= LIMITS.quietTries) throw unread(name, sent.exchange);
        await pause(LIMITS.quietRetryMs * 2 ** failed);
      }
    },
  };
}

function unread(destination: string, { answer }: Exchange): SluiceError {
  const said = "message" in answer ? `${answer.code}: ${answer.message}` : answer.kind;
  return new SluiceError(`${destination} could not be read: ${said}`, {
    code: "destination_unread",
    hint: "look at the destination and its credentials, which have to be allowed to read records; then begin again",
  });
}
