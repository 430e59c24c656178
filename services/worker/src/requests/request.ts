import { setTimeout as wait } from "node:timers/promises";
import type { Verdict } from "@sluice/record";
import type { Gate, RequestTerms } from "@sluice/queue";
import type { Breaker } from "./breaker.ts";
import type { Exchange } from "@sluice/destination";
import { LEARN_EVERY_MS } from "../limits.ts";
import type { RequestKind, WriterMetrics } from "../metrics.ts";

/** One request through the gate: it is measured, and breaker, quota and holds hear of it. */
export type Requests = {
  /**
   * Makes a request that was granted. `judge` says what its answer means for the destination.
   * @returns null: the stop's deadline cut the request off, and its result is not known
   */
  make<T extends { readonly exchange: Exchange }>(
    about: { readonly kind: RequestKind; readonly records: number; readonly pass: string | undefined },
    send: () => Promise<T>,
    judge: (exchange: Exchange) => Verdict,
  ): Promise<T | null>;
  /** A pass that no request was made with. */
  giveBack(pass: string): Promise<void>;
  /** Waits until one more request may start. @returns null: not before `untilMs` (performance.now) or the stop */
  grant(untilMs: number): Promise<{ readonly pass: string | undefined } | null>;
};

export type RequestOptions = {
  readonly gate: Gate;
  readonly breaker: Breaker;
  readonly metrics: WriterMetrics;
  /** Asked at each request: the credentials may be others by then. */
  readonly terms: () => RequestTerms;
  /** Aborts requests that are under way when a graceful stop runs out of time. */
  readonly signal: AbortSignal;
  /** When refused credentials are tried again: a new token may be good; null: not before the credentials have changed. */
  readonly credentialsAgainMs: number | null;
  /** Hears every answer. */
  readonly onAnswer?: (exchange: Exchange) => void;
};

export function createRequests({
  gate,
  breaker,
  metrics,
  terms,
  signal,
  onAnswer,
  credentialsAgainMs,
}: RequestOptions): Requests {
  let learnedAt = -Infinity;

  return {
    async make({ kind, records, pass }, send, judge) {
      const entered = pass === undefined ? breaker.enter(kind === "look") : null;
      const report = async (health: Verdict["health"]): Promise<void> => {
        entered?.report(health);
        if (pass !== undefined) await gate.report(pass, health);
      };
      const startedAt = performance.now();
      // A refusal blames the credentials that the request set out with.
      const { credentials } = terms();
      let sent;
      try {
        sent = await send();
      } catch (error) {
        await report("unheard");
        if (signal.aborted) return null;
        throw error;
      }
      const { exchange } = sent;
      onAnswer?.(exchange);
      const verdict = judge(exchange);
      // A refusal by the client itself, such as of a record that is too large, says nothing of the destination.
      const wentOut = exchange.sent !== false;
      if (wentOut) metrics.requested(kind, exchange.status, records, (performance.now() - startedAt) / 1000);
      await Promise.all([hold(verdict, credentials), report(wentOut ? verdict.health : "unheard"), learn(exchange)]);
      return sent;
    },

    async giveBack(pass) {
      await gate.report(pass, "unheard");
    },

    async grant(untilMs) {
      while (!signal.aborted && performance.now() < untilMs) {
        const granted = await gate.request(terms());
        if ("pass" in granted) return { pass: granted.pass ?? undefined };
        await wait(granted.forMs, undefined, { signal }).catch(() => {});
      }
      return null;
    },
  };

  async function hold(verdict: Verdict, credentials: string): Promise<void> {
    if (!("holdMs" in verdict) || verdict.holdMs === 0) return;
    // The destination's own name for its trouble is no reason of a hold: it would be a label of metrics, and could pass for another reason.
    const reason = verdict.kind === "retry" ? "unavailable" : verdict.reason;
    const forMs = reason === "credentials" ? (verdict.holdMs ?? credentialsAgainMs) : verdict.holdMs;
    await gate.hold(forMs, reason, reason === "credentials" ? credentials : "");
  }

  async function learn({ quota: said }: Exchange): Promise<void> {
    if (said === undefined) return;
    const { limit, remaining, resetSeconds } = said;
    metrics.quotaRemaining(remaining);
    if (performance.now() - learnedAt < LEARN_EVERY_MS) return;
    learnedAt = performance.now();
    const resetMs = resetSeconds === undefined ? null : resetSeconds * 1000;
    await gate.learn(terms().requestsPerMinute, { limit, remaining, resetMs });
  }
}
