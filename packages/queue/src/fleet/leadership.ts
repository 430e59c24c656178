import { LEADER_ASKED_WITHIN_MS, LEADER_RENEWS_EVERY_MS } from "../limits.ts";

/**
 * A role that one process of the fleet has at a time, and is needed for only now and then, as for a scrape of the fleet's numbers.
 *
 * Between two times its holder renews it by itself, so that a term can be much shorter than the time between two scrapes: who is killed is
 * followed at the end of a short term. A holder that nobody asks any more, such as one that Prometheus lost sight of, lets it go too.
 */
export type Leadership = {
  /** Whether this process has the role at this moment. @throws when Redis does not answer */
  isLeader(): Promise<boolean>;
  close(): void;
};

export type LeadershipOptions = {
  /** Takes the role or renews it, for a term; false: it is another one's. */
  readonly stand: () => Promise<boolean>;
  readonly nowMs: () => number;
};

export function createLeadership({ stand, nowMs }: LeadershipOptions): Leadership {
  let askedAtMs = 0;
  let renewing: NodeJS.Timeout | undefined;
  let standing: Promise<boolean> | null = null;

  /** All metrics of a scrape ask at once, and have one answer. */
  async function ask(): Promise<boolean> {
    standing ??= stand().finally(() => (standing = null));
    return await standing;
  }

  function rest(): void {
    clearInterval(renewing);
    renewing = undefined;
  }

  async function renew(): Promise<void> {
    if (nowMs() - askedAtMs > LEADER_ASKED_WITHIN_MS) return rest();
    // While Redis is away the term may end; a renewal that comes through afterwards takes the role again, or hears whose it is.
    const isHeld = await ask().catch(() => true);
    if (!isHeld) rest();
  }

  return {
    async isLeader() {
      askedAtMs = nowMs();
      const isHeld = await ask();
      if (isHeld && renewing === undefined) {
        renewing = setInterval(() => void renew(), LEADER_RENEWS_EVERY_MS);
        renewing.unref();
      }
      return isHeld;
    },
    close: rest,
  };
}
