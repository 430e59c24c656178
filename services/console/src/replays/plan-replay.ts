import type { EventFilter, History } from "@sluice/history";
import { createForecaster, createForeseer } from "@sluice/operator";
import type { ReplayPlan } from "../contract/replay.ts";
import { LIMITS } from "../limits.ts";
import { timeOf, type LiveState } from "../live-state.ts";
import { compareWebhooks } from "./compare-webhook.ts";
import { pastEventName, type LeftOut } from "./past-webhook.ts";

export type Planning = {
  readonly filter: EventFilter & { readonly untilMs: number };
  readonly unchanged: "skip" | "send";
  /** Requests a minute that a destination takes; null: nobody knows. */
  readonly requestsPerMinute: (destination: string) => number | null;
  /** Told of each webhook that was looked at. @returns false: the planning is to end now */
  readonly onLooked: (webhooks: number, atMs: number) => Promise<boolean>;
  readonly isOver: () => boolean;
};

/** Plans a replay: what would become of the chosen webhooks. Null: it was ended. Beside the plan, the sources that it speaks of. */
export async function planReplay(
  history: History,
  { queue, configuration, clock }: LiveState,
  { filter, unchanged, requestsPerMinute, onLooked, isOver }: Planning,
): Promise<{ readonly plan: ReplayPlan; readonly sources: ReadonlySet<string> } | null> {
  const fleet = { queue, configuration: configuration() };
  const { destinations } = fleet.configuration;
  const forecaster = createForecaster<ReturnType<typeof pastEventName>>({
    writesUnchanged: (destination) => destinations.get(destination)?.skipUnchanged !== true,
    samples: LIMITS.replaySamples,
    valueCharacters: LIMITS.replayValueCharacters,
  });
  const foreseer = createForeseer(fleet, forecaster, unchanged);
  const compare = compareWebhooks(fleet.configuration);
  const leftOut: Partial<Record<LeftOut, number>> = {};
  const sources = new Set<string>();
  let [chosen, webhooks, replayed] = [0, 0, 0];
  /** Webhooks whose records are being looked up: one answer of Redis is for all of them. */
  let open: Promise<boolean>[] = [];
  const settle = async (): Promise<void> => {
    replayed += (await Promise.all(open)).filter(Boolean).length;
    open = [];
  };
  for await (const { webhook, chosen: meant } of history.webhooks(filter, null, isOver)) {
    chosen += meant;
    webhooks += 1;
    if (!(await onLooked(webhooks, webhook.first.micros / 1000))) return null;
    const found = await compare(webhook);
    if (typeof found === "string") {
      leftOut[found] = (leftOut[found] ?? 0) + 1;
      continue;
    }
    sources.add(webhook.source);
    const seen = foreseer.foresee(found.events, ({ event }, at) => pastEventName(webhook, at, event));
    // It is waited for in a moment; until then nobody else hears that it failed.
    seen.catch(() => {});
    open.push(seen);
    if (open.length >= LIMITS.replayLookedUpAtOnce) await settle();
  }
  await settle();
  if (isOver()) return null;
  const { requests, ...forecast } = forecaster.forecast;
  const calls = [...requests].map(([destination, count]) => {
    const perMinute = requestsPerMinute(destination);
    return { destination, requests: count, seconds: perMinute === null ? null : Math.ceil((count / perMinute) * 60) };
  });
  const nowMs = clock.nowMs();
  const gaps = await history.gaps(filter.sinceMs ?? 0, filter.untilMs);
  const seconds = calls.map((call) => call.seconds);
  const plan: ReplayPlan = {
    plannedAt: timeOf(nowMs),
    expiresAt: timeOf(nowMs + LIMITS.replayPlanMs),
    chosen,
    webhooks,
    replayed,
    leftOut,
    ...forecast,
    fields: [...forecast.fields],
    faults: forecast.faults.map((fault) => ({ ...fault })),
    samples: forecast.samples.map((sample) => ({ ...sample, fields: [...sample.fields] })),
    calls,
    seconds: seconds.includes(null) ? null : Math.max(0, ...seconds.map((each) => each ?? 0)),
    gaps: [...gaps],
  };
  return { plan, sources };
}
