import type { EventRow } from "@sluice/history";
import type { ConsoleClient } from "../console/console-client.ts";
import type { EventFilters } from "../console/event-filters.ts";
import { isPassing } from "../console/is-passing.ts";
import { followEvents } from "./follow-events.ts";
import { LIMITS } from "./limits.ts";

export type Tail = {
  readonly client: Pick<ConsoleClient, "get">;
  readonly filter: EventFilters;
  /** The most events to show. */
  readonly count: number;
  /** How long to go on. */
  readonly forMs: number;
  readonly nowMs: () => number;
  /** Rests, at most until the end is asked for. */
  readonly rest: (ms: number) => Promise<void>;
  readonly isOver: () => boolean;
  readonly show: (row: EventRow) => void;
  /** Told of what is not shown, and why. */
  readonly say: (text: string) => void;
};

type Page = { readonly items: readonly EventRow[]; readonly next: string | null };

/** Shows events as the history gets them, until it is time to end. */
export async function tailEvents(tail: Tail): Promise<void> {
  const { outcome, ...filter } = tail.filter;
  const following = followEvents(outcome);
  const beganMs = tail.nowMs();
  let shown = 0;
  let awaySinceMs: number | null = null;
  let wasThere = false;

  async function look(): Promise<readonly EventRow[]> {
    const since = new Date(Math.max(beganMs, tail.nowMs() - LIMITS.windowMs)).toISOString();
    const rows: EventRow[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < LIMITS.pages; page++) {
      const found = await tail.client.get<Page>("/api/events", {
        ...filter,
        since,
        limit: String(LIMITS.pageEvents),
        cursor,
      });
      rows.push(...found.items);
      if (found.next === null) return rows;
      cursor = found.next;
    }
    tail.say(
      `More than ${rows.length} events came within ${LIMITS.windowMs / 1000} s: the older of them may be left out.`,
    );
    return rows;
  }

  function showSome(rows: readonly EventRow[]): void {
    for (const row of rows) {
      if (shown >= tail.count) return;
      tail.show(row);
      shown += 1;
    }
  }

  for (;;) {
    try {
      showSome(following.take(await look(), tail.nowMs()));
      awaySinceMs = null;
      wasThere = true;
    } catch (error) {
      // A console that never answered is none that restarts: what to do about it is in the error.
      if (!wasThere || !isPassing(error)) throw error;
      if (awaySinceMs === null) tail.say("The console does not answer for now: events of this time may be missing.");
      awaySinceMs ??= tail.nowMs();
      if (tail.nowMs() - awaySinceMs > LIMITS.awayMs) throw error;
    }
    const isEnd = tail.isOver() || shown >= tail.count || tail.nowMs() - beganMs >= tail.forMs;
    if (isEnd) break;
    await tail.rest(Math.min(LIMITS.askEveryMs, Math.max(0, beganMs + tail.forMs - tail.nowMs())));
  }
  showSome(following.waiting());
}
