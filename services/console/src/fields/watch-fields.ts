import type { History, Understood } from "@sluice/history";
import { LIMITS } from "../limits.ts";
import type { LiveState } from "../live-state.ts";
import { fieldDrifts, type FieldDrift } from "./field-drift.ts";
import { createProfile, type FieldProfile } from "./field-profile.ts";

export type TypeDrift = FieldDrift & { readonly type: string };

/** The fields of sources that are not as they were the week before, by source; null: the history could not tell. */
export type FieldWatch = {
  drifts(): Promise<ReadonlyMap<string, readonly TypeDrift[]> | null>;
  /** Ends the look that is under way, and begins no other. */
  close(): Promise<void>;
};

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;

/** Reads samples of the last day and of the same day a week before, now and then: they cost the history's database some looks each. */
export function watchFields({
  history,
  configuration,
  clock,
  log,
}: Pick<LiveState, "configuration" | "clock" | "log"> & { readonly history: History | null }): FieldWatch {
  let known: { readonly drifts: Awaited<ReturnType<FieldWatch["drifts"]>>; readonly atMs: number } | null = null;
  let reading: Promise<void> | null = null;
  let isClosed = false;

  async function read(of: History): Promise<void> {
    const nowMs = clock.nowMs();
    try {
      const drifts = new Map<string, readonly TypeDrift[]>();
      for (const source of configuration().sources.keys()) {
        const profiles = async (fromMs: number) => await profilesOf(of, source, fromMs, () => isClosed);
        const now = await profiles(nowMs - DAY_MS);
        const before = now.size === 0 ? now : await profiles(nowMs - WEEK_MS - DAY_MS);
        if (isClosed) return;
        drifts.set(source, driftsOf(before, now));
      }
      known = { drifts, atMs: nowMs };
    } catch (error) {
      if (isClosed) return;
      log.warn({ component: "fields", err: error }, "fields could not be compared with the week before");
      // The last answer stands, and the history is asked again soon.
      known = { drifts: known?.drifts ?? null, atMs: nowMs - LIMITS.fieldsReadEveryMs + LIMITS.fieldsReadAgainMs };
    }
  }

  return {
    async drifts() {
      if (history === null) return new Map();
      const isOld = known === null || clock.nowMs() - known.atMs >= LIMITS.fieldsReadEveryMs;
      // Nobody waits for a look: it takes seconds where there is much.
      if (isOld && !isClosed) reading ??= read(history).finally(() => (reading = null));
      return known?.drifts ?? null;
    },
    async close() {
      isClosed = true;
      await reading;
    },
  };
}

function driftsOf(before: Profiles, now: Profiles): readonly TypeDrift[] {
  return [...now].flatMap(([type, profile]) => {
    const was = before.get(type);
    return was === undefined ? [] : fieldDrifts(was, profile).map((drift) => ({ type, ...drift }));
  });
}

type Profiles = ReadonlyMap<string, FieldProfile>;

/** By type, the fields of some webhooks of a day: the first of each of its parts. */
async function profilesOf(history: History, source: string, fromMs: number, isOver: () => boolean): Promise<Profiles> {
  const profiles = new Map<string, ReturnType<typeof createProfile>>();
  const partMs = DAY_MS / LIMITS.profileParts;
  for (let part = 0; part < LIMITS.profileParts && !isOver(); part += 1) {
    const sinceMs = Math.floor(fromMs + part * partMs);
    const filter = { source, sinceMs, untilMs: Math.floor(sinceMs + partMs) - 1 };
    let seen = 0;
    for await (const { webhook } of history.webhooks(filter, null, isOver)) {
      const types = new Set(webhook.events.map(({ type }) => type));
      const [type] = types;
      // A body of several types says of none which fields are its own; one that was cut or redacted shows others than it had.
      if (type !== undefined && types.size === 1) {
        const body = bodyOf(webhook);
        const profile = profiles.get(type) ?? createProfile();
        if (body !== undefined && profiles.size < LIMITS.profileTypes) profiles.set(type, profile);
        if (body !== undefined) profile.add(body);
      }
      seen += 1;
      if (seen >= LIMITS.profileWebhooks) break;
    }
  }
  return new Map([...profiles].map(([type, { profile }]) => [type, profile]));
}

function bodyOf({ request }: Pick<Understood, "request">): unknown {
  if (request === null || request.isCut || request.redacted.length > 0) return undefined;
  try {
    return JSON.parse(request.body);
  } catch {
    return undefined;
  }
}
