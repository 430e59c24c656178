import { afterDelete, decide, type Verdict } from "@sluice/record";
import type { Claim, DeadLetter, Lane } from "@sluice/queue";
import type { Clock, Log } from "@sluice/runtime";
import type { Breaker } from "./breaker.ts";
import type { Destination, Exchange } from "./destination.ts";
import { BREAKER_LOOK_AGAIN_MS } from "./limits.ts";
import type { WriterMetrics } from "./metrics.ts";

export type WriterOptions = {
  readonly lane: Lane;
  readonly destination: Destination;
  readonly breaker: Breaker;
  readonly metrics: WriterMetrics;
  readonly log: Log;
  readonly clock: Clock;
  readonly random: () => number;
  /** No request starts on a lease that has less than this left. */
  readonly minLeaseLeftMs: number;
  /** Runs as many sends at once as the destination may have in flight; the others wait their turn. */
  readonly inFlight: <T>(send: () => Promise<T>) => Promise<T>;
  /** Aborts requests that are under way when a graceful stop runs out of time. */
  readonly signal: AbortSignal;
};

/** What came of trying to send: an answer, or why nothing was sent or waited for. */
type Sent =
  | { readonly kind: "answered"; readonly exchange: Exchange; readonly verdict: Verdict }
  | { readonly kind: "too late" | "held" | "stopped" };

/** How a claim ended, for the log line and for the doorbell: "held" asks it to ring again later. */
type End = { readonly kind: "done" | "held"; readonly what: string };

/**
 * Writes what a claim holds: its delete first, then its fields; one attempt, one verdict each.
 * Every path ends in settle, wait or bury: a claim that is merely dropped comes back when its lease ends.
 */
export function createWriter(options: WriterOptions): (claim: Claim) => Promise<"done" | "held"> {
  const { lane, destination, log } = options;
  let heldUntil = 0;

  async function write(claim: Claim): Promise<End> {
    const { deletion, fields } = claim.snapshot;
    if (deletion !== null) {
      const sent = await attempt(claim, "delete");
      if (sent.kind !== "settle") return sent.end;
      const word = await lane.settleDelete(claim, fields.size > 0);
      if (word !== "held") return { kind: "done", what: word };
    }
    const rest = deletion === null ? claim : { ...claim, snapshot: afterDelete(claim.snapshot) };
    if (fields.size > 0) {
      const sent = await attempt(rest, "fields");
      if (sent.kind !== "settle") return sent.end;
    }
    // With nothing to send (a late delete took it back) this settles what is still open.
    return { kind: "done", what: await lane.settleFields(rest) };
  }

  async function attempt(
    claim: Claim,
    effect: "fields" | "delete",
  ): Promise<{ readonly kind: "settle" } | { readonly kind: "end"; readonly end: End }> {
    const end = (kind: End["kind"], what: string) => ({ kind: "end", end: { kind, what } }) as const;
    const sent = await options.inFlight(async () => await send(claim, effect));
    switch (sent.kind) {
      case "held":
        return end("held", await lane.wait(claim, 0, 0));
      case "too late":
      case "stopped":
        return end("done", await lane.wait(claim, 0, 0));
      case "answered":
        return await carryOut(claim, sent.verdict, sent.exchange, end);
    }
  }

  /** One request, if it may start now: what is asked before it must hold at the moment of sending. */
  async function send(claim: Claim, effect: "fields" | "delete"): Promise<Sent> {
    if (options.signal.aborted) return { kind: "stopped" };
    if (claim.leaseEndsAt - performance.now() < options.minLeaseLeftMs) return { kind: "too late" };
    // This process put the hold there itself, after the claim; the lane would not have been claimed under it.
    if (performance.now() < heldUntil) return { kind: "held" };
    const pass = options.breaker.enter();
    if (pass === null) {
      await hold(BREAKER_LOOK_AGAIN_MS, "breaker");
      return { kind: "held" };
    }
    const startedAt = performance.now();
    let exchange: Exchange;
    try {
      exchange = await destination.write({ effect, claim }, options.signal);
    } catch (error) {
      pass.report("unheard");
      if (options.signal.aborted) return { kind: "stopped" };
      throw error;
    }
    const seconds = (performance.now() - startedAt) / 1000;
    const verdict = decide(effect, exchange.answer, {
      attempts: claim.attempts,
      failingForMs: claim.failingSinceMs === null ? 0 : options.clock.nowMs() - claim.failingSinceMs,
      random: options.random(),
    });
    pass.report(verdict.health);
    if ("holdMs" in verdict && verdict.holdMs > 0) await hold(verdict.holdMs, verdict.reason);
    options.metrics.attempted(effect, exchange.answer, seconds);
    const { rateLimit } = exchange.reply ?? {};
    if (rateLimit !== undefined) options.metrics.quotaRemaining(rateLimit.remaining);
    tell(claim, effect, exchange, verdict, seconds);
    return { kind: "answered", exchange, verdict };
  }

  async function hold(forMs: number, reason: string): Promise<void> {
    heldUntil = Math.max(heldUntil, performance.now() + forMs);
    await lane.hold(forMs, reason);
  }

  async function carryOut(
    claim: Claim,
    verdict: Verdict,
    exchange: Exchange,
    end: (kind: End["kind"], what: string) => { readonly kind: "end"; readonly end: End },
  ): Promise<{ readonly kind: "settle" } | { readonly kind: "end"; readonly end: End }> {
    switch (verdict.kind) {
      case "settle":
        return { kind: "settle" };
      case "hold":
        return end("held", await lane.wait(claim, 0, 0));
      case "retry":
        return end("done", await lane.wait(claim, Math.max(verdict.delayMs, verdict.holdMs), 1));
      case "bury":
        return end("done", await lane.bury(claim, letterOf(claim, verdict, exchange, options.clock.nowMs())));
    }
  }

  function tell(claim: Claim, effect: string, { answer }: Exchange, verdict: Verdict, seconds: number): void {
    const said = answer.kind === "reply" ? { status: answer.status } : { status: answer.code };
    const why = verdict.kind === "settle" ? {} : { verdict };
    log[verdict.kind === "settle" ? "debug" : "warn"](
      {
        destination: claim.destination,
        object: claim.object,
        key: claim.key.value,
        effect,
        fields: claim.snapshot.fields.size,
        changes: [...claim.snapshot.open.values()].reduce((sum, count) => sum + count, 0),
        attempt: claim.attempts + 1,
        ...said,
        ...why,
        ms: Math.round(seconds * 1000),
      },
      `attempt: ${verdict.kind}`,
    );
  }

  return async (claim) => {
    const { kind, what } = await write(claim);
    if (what === "quiet" || what === "more") {
      options.metrics.settled((options.clock.nowMs() - claim.sinceMs) / 1000);
    }
    return kind;
  };
}

function letterOf(
  claim: Claim,
  { code, message }: Extract<Verdict, { kind: "bury" }>,
  { answer, reply }: Exchange,
  nowMs: number,
): DeadLetter {
  const { id, destination, object, key, snapshot } = claim;
  const contributions = [...snapshot.fields.values(), ...(snapshot.deletion === null ? [] : [snapshot.deletion])];
  const events = new Map(
    contributions.map(({ source, stamp }) => [`${source} ${stamp.eventId}`, { source, id: stamp.eventId }]),
  );
  return {
    id,
    at: new Date(nowMs).toISOString(),
    destination,
    object,
    key,
    reason: { code, message },
    events: [...events.values()],
    change: {
      delete: snapshot.deletion !== null,
      fields: Object.fromEntries([...snapshot.fields].map(([field, { value }]) => [field, value])),
    },
    ...(reply === null
      ? { response: answer }
      : { request: reply.request, response: { status: reply.status, body: reply.body } }),
    attempts: claim.attempts + 1,
  };
}
