import type { Redis } from "ioredis";
import { run } from "../connection/connection.ts";
import { GATE_LOOK_AGAIN_MS, SHARE_PAGE } from "../limits.ts";

/** The gate of a destination: it lets requests through, or holds them, for the whole fleet. */
export type Gate = {
  /**
   * Holds the destination: nobody claims its records until the time is over, or `null`, until it is resumed. A hold
   * that lasts longer stands, unless an operator says otherwise. `note`: the mark of the credentials that were refused,
   * so that others are not held, or the operator's words.
   */
  hold(forMs: number | null, reason: string, note?: string): Promise<void>;
  /** The destination is unwell: held for 5 s, and for twice as long each time in a row. */
  holdUnwell(): Promise<void>;
  /** Holds once for each state that went back: a write that was claimed and is forgotten may still land for so long. */
  holdBack(state: string, forMs: number): Promise<void>;
  /** @returns the reason of the hold that was ended, null for none. */
  resume(): Promise<string | null>;
  /** Ends a hold that other credentials than these were refused for. */
  renewed(credentials: string): Promise<string | null>;
  /** One more request for records that are claimed already, with its pass in a recovery; or when to ask again. */
  request(terms: RequestTerms): Promise<{ readonly pass: string | null } | { readonly forMs: number }>;
  /** Reports how a request with a pass went. */
  report(pass: string, health: "good" | "bad" | "unheard"): Promise<"flowing" | "recovering" | "held">;
  /** Sets how requests are shared out among sources: weights, 0 for a backfill. None: by age alone. */
  shareOut(shares: ReadonlyMap<string, number>): Promise<void>;
  /** Whether the destination that this mark stands for has said that it checks fencing tokens. */
  fences(mark: string): Promise<boolean>;
  /** Remembers that the destination of this mark has said that it checks fencing tokens. */
  fenced(mark: string): Promise<void>;
  /** Learns the quota that the destination names; it holds for the whole fleet. */
  learn(requestsPerMinute: number, said: SaidQuota): Promise<void>;
};

/** The facts by which the fleet's quota and the ramp grant a request. */
export type RequestTerms = {
  readonly requestsPerMinute: number;
  /** A request is in flight no longer than this. */
  readonly passMs: number;
  /** The mark of the credentials: a destination that is held for others is not held for these. */
  readonly credentials: string;
};

export type SaidQuota = { readonly limit: number; readonly remaining: number; readonly resetMs: number | null };

export type GateState = {
  /** The hold that stands. `forMs` null: until it is resumed. */
  readonly hold: { readonly forMs: number | null; readonly reason: string; readonly note: string } | null;
  /** Requests in flight that a recovery allows; null: no recovery is under way. */
  readonly allowed: number | null;
};

/** `open`: the destination is held; `half-open`: the flow comes back, one request first; `closed`: it flows. */
type BreakerState = "closed" | "open" | "half-open";

/** The state of the breaker. An operator forces it open with a hold, and closed by resuming. */
export function breakerState({ hold, allowed }: GateState): BreakerState {
  if (hold !== null && (hold.reason === "breaker" || hold.reason === "operator")) return "open";
  return hold === null && allowed !== null ? "half-open" : "closed";
}

/** @param lanes the tags of all lanes of the destination, which each share out what is due in it */
export function createGate(
  redis: Redis,
  tag: string,
  lanes: () => Promise<readonly string[]> = async () => [tag],
): Gate {
  const call = async (script: string, args: readonly (string | number)[]): Promise<string> =>
    String(await run(redis, script, tag, args));
  return {
    async hold(forMs, reason, note = "") {
      // A hold of no time at all is none: 0 would ask for the time of an outage.
      await call("sluice_hold", [forMs === null ? "" : Math.max(1, Math.ceil(forMs)), reason, note]);
    },
    async holdUnwell() {
      await call("sluice_hold", [0, "breaker", ""]);
    },
    async holdBack(state, forMs) {
      await call("sluice_back", [state, Math.max(1, Math.ceil(forMs))]);
    },
    resume: async () => (await call("sluice_resume", [""])) || null,
    renewed: async (credentials) => (await call("sluice_resume", [credentials])) || null,
    async request({ requestsPerMinute, credentials, passMs }) {
      const answer = await run(redis, "sluice_request", tag, [requestsPerMinute, credentials, passMs]);
      const [word, fact] = answer as [string, string | number];
      if (word === "granted") return { pass: fact === "" ? null : String(fact) };
      return { forMs: fact === "" ? GATE_LOOK_AGAIN_MS : Math.min(Number(fact), GATE_LOOK_AGAIN_MS) };
    },
    async report(pass, health) {
      return (await call("sluice_report", [pass, health])) as "flowing" | "recovering" | "held";
    },
    async shareOut(shares) {
      for (const each of await lanes()) {
        for (let past = "0"; past !== "";) {
          past = String(await run(redis, "sluice_share", each, [past, SHARE_PAGE, shares.size, ...[...shares].flat()]));
        }
      }
    },
    fences: async (mark) => (await redis.hget(`${tag}:gate`, "fences")) === mark,
    async fenced(mark) {
      await redis.hset(`${tag}:gate`, "fences", mark);
    },
    async learn(requestsPerMinute, { limit, remaining, resetMs }) {
      await call("sluice_learn", [requestsPerMinute, Math.max(1, limit), remaining, resetMs ?? ""]);
    },
  };
}

/** Reads `hold`, `till`, `allowed` and `note` of the gate's hash. */
export function readGate([reason, till, allowed, note]: readonly (string | null)[], nowMs: number): GateState {
  const forMs = till === "" || till == null ? null : Number(till) - nowMs;
  const over = reason == null || (forMs !== null && forMs <= 0);
  return { hold: over ? null : { forMs, reason, note: note ?? "" }, allowed: allowed == null ? null : Number(allowed) };
}
