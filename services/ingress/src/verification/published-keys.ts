import type { Clock, Log } from "@sluice/runtime";
import { LIMITS } from "../limits.ts";

/** The keys that senders and issuers publish, by URL. No request waits for them: a key is known, or it is being fetched. */
export type PublishedKeys = {
  /** The known keys of the URLs. A fetch begins of unknown and of old ones. */
  known(urls: readonly string[]): ReadonlyMap<string, string>;
  /** Resolves when no fetch is under way. */
  settled(): Promise<void>;
};

export type PublishedKeysOptions = {
  readonly clock: Clock;
  readonly log: Log;
  /** Reads a URL's text; `fetchKeys`, unless a test reads elsewhere. */
  readonly read?: (url: string) => Promise<string>;
};

type Kept = { readonly text: string | undefined; readonly atMs: number; readonly triedAtMs: number };

export function createPublishedKeys({ clock, log, read = fetchKeys }: PublishedKeysOptions): PublishedKeys {
  const kept = new Map<string, Kept>();
  const fetching = new Map<string, Promise<void>>();

  function begin(url: string): void {
    if (fetching.has(url) || fetching.size >= LIMITS.keyFetchesAtOnce) return;
    const fetched = refresh(url).finally(() => fetching.delete(url));
    fetching.set(url, fetched);
  }

  async function refresh(url: string): Promise<void> {
    const before = kept.get(url);
    try {
      const text = await read(url);
      keep(url, { text, atMs: clock.nowMs(), triedAtMs: clock.nowMs() });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      log.warn({ url, error: message }, "published keys can't be fetched");
      keep(url, { text: before?.text, atMs: before?.atMs ?? 0, triedAtMs: clock.nowMs() });
    }
  }

  function keep(url: string, entry: Kept): void {
    kept.delete(url);
    if (kept.size >= LIMITS.keptKeys) {
      // URLs that gave nothing go first: whoever names many of them must not push out the keys that serve.
      const [empty] = [...kept].find(([, { text }]) => text === undefined) ?? [...kept.keys()];
      if (empty !== undefined) kept.delete(empty);
    }
    kept.set(url, entry);
  }

  return {
    known(urls) {
      const found = new Map<string, string>();
      for (const url of urls) {
        const nowMs = clock.nowMs();
        const { text, atMs, triedAtMs } = kept.get(url) ?? { text: undefined, atMs: 0, triedAtMs: 0 };
        const isOld = text === undefined || nowMs - atMs > LIMITS.keyFreshMs;
        if (isOld && nowMs - triedAtMs > LIMITS.keyFetchAgainMs) begin(url);
        if (text !== undefined && nowMs - atMs <= LIMITS.keyKeepMs) found.set(url, text);
      }
      return found;
    },
    async settled() {
      while (fetching.size > 0) await Promise.all(fetching.values());
    },
  };
}

/** Reads a short text over https, from exactly this address. */
async function fetchKeys(url: string): Promise<string> {
  if (!url.startsWith("https://")) throw new Error("keys are fetched over https alone");
  const response = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(LIMITS.keyFetchMs) });
  if (response.status !== 200) throw new Error(`the answer is ${response.status}`);
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.length;
    if (bytes > LIMITS.keyBytes) throw new Error(`the answer has more than ${LIMITS.keyBytes} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}
