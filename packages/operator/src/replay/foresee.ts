import type { LiveRecord } from "@sluice/queue";
import type { Change, MappedEvent } from "@sluice/record";
import type { Fleet } from "../fleet.ts";
import { differenceOf, isFetch, isWorthwhile, type Difference, type MadeEvent } from "./difference.ts";
import type { Forecaster } from "./forecast.ts";

/** A webhook's events with their meaning now, each against the one that it had. */
export type Compared = readonly { readonly mapped: MappedEvent; readonly difference: Difference }[];

const NOTHING: MadeEvent = { changes: [], faults: [] };

/** Compares what is made of a webhook's events now with what was. @param before the same events, as far as they are known */
export function compared(
  before: readonly (MadeEvent & { readonly id: string })[],
  mapped: readonly MappedEvent[],
): Compared {
  const byId = new Map(before.map((event) => [event.id, event]));
  return mapped.map((each, at) => {
    const own = (before.length === mapped.length ? before[at] : byId.get(each.event.id)) ?? NOTHING;
    return { mapped: each, difference: differenceOf(own, each) };
  });
}

/** Tells a forecaster what understanding webhooks again would do, by the state of their records now. Nothing is done. */
export type Foreseer<Name> = {
  /** @returns whether the webhook would be understood again */
  foresee(events: Compared, nameOf: (event: MappedEvent, at: number) => Name): Promise<boolean>;
};

export function createForeseer<Name>(
  { queue }: Pick<Fleet, "queue">,
  forecaster: Forecaster<Name>,
  unchanged: "skip" | "send",
): Foreseer<Name> {
  const kinds = new Map<string, "time" | "integer" | null>();

  async function standingOf({ destination, object, key }: Change): Promise<LiveRecord | null> {
    return await queue.lane(destination).records.show(object, key);
  }

  /** The fault of a change whose version is of another kind than its object's: the merge would refuse it. */
  async function clashOf({ destination, object, version, isKindSaid }: Change): Promise<string | null> {
    if (isKindSaid === true) return null;
    const name = `${destination}/${object}`;
    let kind = kinds.get(name);
    if (kind === undefined) kinds.set(name, (kind = await queue.lane(destination).records.kindOf(object)));
    if (kind === null || kind === (version?.kind ?? "time")) return null;
    return `object "${object}" is ordered by ${kind === "time" ? "times" : "whole numbers"}, and this version is of the other kind`;
  }

  async function clashesOf({ changes }: Difference): Promise<readonly { place: string; message: string }[]> {
    const found: { place: string; message: string }[] = [];
    for (const { now } of changes) {
      const message = isFetch(now) ? null : await clashOf(now);
      if (message !== null) found.push({ place: `${now.destination}/${now.object}`, message });
    }
    return found;
  }

  return {
    async foresee(events, nameOf) {
      const again = isAgain(events, unchanged);
      for (const [at, { mapped, difference }] of events.entries()) {
        const name = nameOf(mapped, at);
        const clashes = again ? await clashesOf(difference) : [];
        const kind = clashes.length > 0 ? "dead" : difference.kind;
        if (kind === "dead") forecaster.fail(name, [...mapped.faults, ...clashes]);
        const merged = difference.changes.filter(
          ({ now: { destination, object } }) => !clashes.some(({ place }) => place === `${destination}/${object}`),
        );
        const foreseen = again
          ? await Promise.all(
              merged.map(async (change) => ({
                ...change,
                standing: isFetch(change.now) ? null : await standingOf(change.now),
              })),
            )
          : null;
        forecaster.add(name, kind, foreseen);
      }
      return again;
    },
  };
}

/** Whether any of a webhook's events would be understood again. */
export function isAgain(events: Compared, unchanged: "skip" | "send"): boolean {
  return events.some(({ difference }) => isWorthwhile(difference, unchanged));
}
