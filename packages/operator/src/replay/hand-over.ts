import { setTimeout as rest } from "node:timers/promises";
import type { Backfill, BackfillWait, IntakeWebhook } from "@sluice/queue";
import { understandingDigests, type Configuration } from "@sluice/runtime";
import { LIMITS } from "../limits.ts";

/** Hands webhooks of the past over to be understood, no faster than live traffic leaves room for. */
export type HandingOver = {
  /** Resolves once all of them are handed over; false: `onStep` ended it. */
  handOver(webhooks: readonly IntakeWebhook[], onStep: OnStep): Promise<boolean>;
  /** Resolves once all that was handed over, by whomever, is understood; false: `onStep` ended it. */
  finish(onStep: OnStep): Promise<boolean>;
};

/** Told of webhooks that were handed over, and of waiting. @returns false: it is to end now */
export type OnStep = (handedOver: number, waitsFor: BackfillWait | null) => Promise<boolean>;

export function createHandingOver(backfill: Backfill, configuration: Configuration): HandingOver {
  const digests = understandingDigests(configuration);
  const most = recordsDue(configuration);

  /** How many records may be due where these sources' records live. */
  function paceOf(sources: ReadonlySet<string>): ReadonlyMap<string, number> {
    const mappings = [...sources].flatMap((name) => configuration.sources.get(name)?.mappings ?? []);
    const lanes = mappings.flatMap(({ destination, fetch }) =>
      fetch === null ? [destination] : [destination, fetch.lane],
    );
    return new Map(lanes.map((lane) => [lane, most.get(lane) ?? LIMITS.pastRecordsDue]));
  }

  async function wait(waitsFor: BackfillWait, onStep: OnStep): Promise<boolean> {
    if (!(await onStep(0, waitsFor))) return false;
    await rest(LIMITS.roomLookAgainMs);
    return true;
  }

  return {
    async handOver(webhooks, onStep) {
      for (let at = 0; at < webhooks.length;) {
        const left = webhooks.slice(at);
        const sources = new Set(left.map(({ source }) => source));
        const room = await backfill.room(sources, paceOf(sources));
        if (typeof room === "string") {
          if (!(await wait(room, onStep))) return false;
          continue;
        }
        const next = left.slice(0, room);
        await backfill.add(next, digests);
        at += next.length;
        if (!(await onStep(next.length, null))) return false;
      }
      return true;
    },
    async finish(onStep) {
      while ((await backfill.waiting()) > 0) if (!(await wait("queue", onStep))) return false;
      return true;
    },
  };
}

/** By lane: the records that may be due there while more of the past is added, about as many as it takes in half a second. */
function recordsDue({ destinations, sources }: Configuration): ReadonlyMap<string, number> {
  const paced = [...destinations.values()].map(
    ({ name, requestsPerMinute, batch }) => [name, requestsPerMinute * batch] as const,
  );
  const fetches = [...sources.values()].flatMap(({ fetch }) =>
    fetch === null ? [] : [[fetch.name, fetch.requestsPerMinute] as const],
  );
  return new Map(
    [...paced, ...fetches].map(([name, perMinute]) => [
      name,
      Math.max(1, Math.min(LIMITS.pastRecordsDue, Math.floor((perMinute / 60_000) * LIMITS.pastAheadMs))),
    ]),
  );
}
