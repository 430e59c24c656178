import type { Queue } from "@sluice/queue";
import type { Clock } from "@sluice/runtime";
import { LIMITS } from "../limits.ts";

/** Where the fleet keeps one text under a name. */
export type SecretPlace = {
  get(): Promise<string | null>;
  replace(
    seen: string | null,
    make: () => Promise<{ readonly text: string; readonly keepMs: number }>,
  ): Promise<string>;
};

/**
 * Secrets that senders hand over in a handshake instead of showing them to people. The first secret that comes
 * while one is awaited is kept for good and for the whole fleet; after it, and after the time of waiting,
 * nobody can plant another.
 */
export type HandedSecrets = {
  /** The source's secret, if it has been handed over. */
  of(source: string): Promise<string | undefined>;
  /** True when this text is the source's secret from now on, or already was. */
  take(source: string, secret: string): Promise<boolean>;
};

export function createHandedSecrets(clock: Clock, placeOf: (source: string) => SecretPlace): HandedSecrets {
  const startedAtMs = clock.nowMs();
  const known = new Map<string, string>();
  const lookedAtMs = new Map<string, number>();

  async function look(source: string): Promise<string | undefined> {
    const secret = known.get(source);
    if (secret !== undefined) return secret;
    const nowMs = clock.nowMs();
    if (nowMs - (lookedAtMs.get(source) ?? -Infinity) < LIMITS.handoverLookMs) return undefined;
    lookedAtMs.set(source, nowMs);
    const kept = await placeOf(source).get();
    if (kept !== null) known.set(source, kept);
    return kept ?? undefined;
  }

  return {
    of: look,
    async take(source, secret) {
      const isAwaited = clock.nowMs() - startedAtMs <= LIMITS.handoverMs;
      if (!isAwaited) return (await look(source)) === secret;
      const kept = await placeOf(source).replace(null, async () => ({
        text: secret,
        keepMs: LIMITS.handedSecretKeepMs,
      }));
      known.set(source, kept);
      return kept === secret;
    },
  };
}

/**
 * Keeps handed secrets for the whole fleet. The release before kept a secret beside the lane of the file's first destination,
 * whichever that was then.
 */
export function placesInFleet(
  queue: Pick<Queue, "sharedText">,
  destinations: readonly string[],
): (source: string) => SecretPlace {
  return (source) => {
    const placeOf = (beside: string | null): SecretPlace =>
      queue.sharedText(beside, `secret:${source}`, LIMITS.handoverLockMs);
    const own = placeOf(null);
    const find = async (): Promise<string | null> => {
      for (const place of [own, ...destinations.map(placeOf)]) {
        const kept = await place.get();
        if (kept !== null) return kept;
      }
      return null;
    };
    return {
      get: find,
      async replace(seen, make) {
        const kept = await find();
        return kept !== null && kept !== seen ? kept : await own.replace(seen, make);
      },
    };
  };
}

/** Keeps handed secrets in this process alone: for a door without a fleet. */
export function placesInMemory(): (source: string) => SecretPlace {
  const texts = new Map<string, string>();
  return (source) => ({
    get: async () => texts.get(source) ?? null,
    async replace(seen, make) {
      const kept = texts.get(source);
      if (kept !== undefined && kept !== seen) return kept;
      const { text } = await make();
      texts.set(source, text);
      return text;
    },
  });
}
