import type { ServerFacts } from "./server.ts";

/**
 * Whether Redis answers writes that its file does not have. With `appendfsync everysec` it writes nothing while a sync runs: for up
 * to two seconds answered writes stand in its memory alone, and are lost with its process. `before`: the facts of the look before.
 */
export function isSyncSlow(before: ServerFacts | null, now: ServerFacts): boolean {
  // With `always` Redis answers after the sync, and without a file there is no sync.
  if (before === null || now.sync !== "everysec") return false;
  return now.delayedSyncs > before.delayedSyncs || (before.unwrittenBytes > 0 && now.unwrittenBytes > 0);
}

/** Redis' disk is too slow. Told once a minute at most, while it lasts. */
export class SlowSyncError extends Error {
  readonly code = "redis_sync_slow";
  readonly hint =
    "give Redis a faster disk, or one of its own; or set `appendfsync always` there, or `ack: fsync` in sluice.yaml (Redis 7.2), so that " +
    "a 2xx waits for the disk";

  constructor({ unwrittenBytes, delayedSyncs }: ServerFacts) {
    super(
      `Redis' disk is slower than its writes: it acknowledges what its file does not have yet (${unwrittenBytes} bytes now; it wrote ` +
        `behind a running sync ${delayedSyncs} times), and loses that when it is killed`,
    );
    this.name = "SlowSyncError";
  }
}
