import { LIMITS } from "./limits.ts";
import { pack, type PackedSegment, type Segment, type Stream } from "./store/segment.ts";
import { writeFlown, type Flown } from "./written/flown.ts";
import { namesOfFlown, namesOfUnderstood } from "./written/names.ts";
import { writeUnderstood, type Understood } from "./written/understood.ts";

/** A time of which the history lacks something, and how much it lacks as far as is known. */
export type Gap = {
  /** `full`: more waited than may. `worker_lost`: a worker's process ended before it had written all. `altered`: somebody else wrote to the database. */
  readonly reason: "full" | "worker_lost" | "altered";
  readonly fromMs: number;
  readonly untilMs: number;
  /** Null: not known. */
  readonly events: number | null;
  readonly flights: number | null;
};

/** Where an archive writes to. */
export type ArchiveStore = {
  /** Writes everything or nothing. After a failure it is unknown which: reading counts a segment that is written twice once. */
  write(segments: readonly PackedSegment[], gaps: readonly Gap[], said: Watermark): Promise<void>;
  /** Says that the process lives, and that nothing waits. */
  beat(said: Watermark): Promise<void>;
  /** All that the session had is written. */
  leave(session: string): Promise<void>;
};

/** A process says how far it has written: all that it took in before that time. */
export type Watermark = { readonly session: string; readonly writtenMs: number };

/**
 * Takes understood webhooks and ended flights, and writes them behind the flow: adding takes microseconds and never waits, whatever the
 * database does. The queue has a bound; anything above it is left out, counted, and told as a gap.
 */
export type Archive = {
  understood(webhook: Understood): void;
  flown(flight: Flown): void;
  /** Counts so many events that could not be taken. */
  leaveOut(events: number): void;
  numbers(): ArchiveNumbers;
  /** Writes what waits, for so long at most. */
  close(deadlineMs?: number): Promise<void>;
};

export type ArchiveNumbers = {
  /** Events and flights that wait to be written, the characters that they take, and since when the oldest waits. */
  readonly waiting: number;
  readonly waitingCharacters: number;
  readonly lagSeconds: number;
  readonly leftOutEvents: number;
  readonly leftOutFlights: number;
  readonly writtenSegments: number;
  readonly writtenBytes: number;
  /** The last write failed. */
  readonly isAway: boolean;
};

export type ArchiveOptions = {
  readonly store: ArchiveStore;
  /** The session of this process: if it dies, a gap is noted for its session. */
  readonly session: string;
  readonly nowMs: () => number;
  readonly onError: (error: Error) => void;
  /** Instead of the limits of this package. */
  readonly waitingCharacters?: number;
  readonly segmentMs?: number;
};

export function createArchive(options: ArchiveOptions): Archive {
  const { store, session, nowMs, onError } = options;
  const most = options.waitingCharacters ?? LIMITS.waitingCharacters;
  const segmentMs = options.segmentMs ?? LIMITS.segmentMs;
  const open: Record<Opening, Open | null> = { understood: null, replayed: null, flown: null };
  let sealed: Sealed[] = [];
  let writing: readonly Sealed[] = [];
  let waitingCharacters = 0;
  let waiting = 0;
  let gap: Gap | null = null;
  const counts = { leftOutEvents: 0, leftOutFlights: 0, writtenSegments: 0, writtenBytes: 0 };
  let failures = 0;
  let isClosed = false;
  let running: Promise<void> | null = null;
  let wake: () => void = () => {};

  function add(opening: Opening, [fromMicros, untilMicros]: Span, items: number, line: string, names: string[]): void {
    const stream = opening === "flown" ? "flown" : "understood";
    if (waitingCharacters + line.length > most) return leaveOut(stream, items);
    waitingCharacters += line.length;
    waiting += items;
    const into = (open[opening] ??= newOpen(stream, nowMs()));
    into.lines.push(line);
    into.names.push(...names);
    into.items += items;
    into.characters += line.length;
    into.fromMicros = Math.min(into.fromMicros, fromMicros);
    into.untilMicros = Math.max(into.untilMicros, untilMicros);
    const isFull =
      into.lines.length >= LIMITS.segmentLines ||
      into.characters >= LIMITS.segmentCharacters ||
      into.names.length >= LIMITS.segmentNames * 4;
    if (isFull) {
      seal(opening);
      wake();
    }
    running ??= run();
  }

  function leaveOut(stream: Stream, items: number): void {
    const now = nowMs();
    const [events, flights] = stream === "understood" ? [items, 0] : [0, items];
    counts.leftOutEvents += events;
    counts.leftOutFlights += flights;
    const { fromMs = now, events: e = 0, flights: f = 0 } = gap ?? {};
    gap = { reason: "full", fromMs, untilMs: now, events: (e ?? 0) + events, flights: (f ?? 0) + flights };
  }

  function seal(opening: Opening): void {
    const closing = open[opening];
    open[opening] = null;
    if (closing !== null) sealed.push(closing);
  }

  /** Writes until nothing waits any more. One write at a time: lines that come in meanwhile go with the next. */
  async function run(): Promise<void> {
    try {
      await rest(segmentMs);
      for (;;) {
        for (const opening of OPENINGS) seal(opening);
        if (sealed.length === 0 && gap === null) return;
        await writeSome();
        if (failures > 0) await rest(pauseMs(failures));
        else if (sealed.length < LIMITS.segmentsAtOnce) await rest(isClosed ? 0 : segmentMs);
        if (isClosed && failures > 0) return;
      }
    } finally {
      running = null;
    }
  }

  async function writeSome(): Promise<void> {
    writing = sealed.slice(0, LIMITS.segmentsAtOnce);
    sealed = sealed.slice(LIMITS.segmentsAtOnce);
    const told = gap;
    gap = null;
    const writtenMs = oldestOf([...sealed, ...Object.values(open)]) ?? nowMs();
    try {
      const packed = await Promise.all(writing.map(pack));
      await within(LIMITS.writeDeadlineMs, store.write(packed, told === null ? [] : [told], { session, writtenMs }));
      for (const { characters, items } of writing) {
        waitingCharacters -= characters;
        waiting -= items;
      }
      counts.writtenSegments += packed.length;
      counts.writtenBytes += packed.reduce((sum, { body, filter }) => sum + body.length + filter.length, 0);
      failures = 0;
    } catch (error) {
      sealed = [...writing, ...sealed];
      gap = joined(told, gap);
      failures += 1;
      onError(error instanceof Error ? error : new Error(String(error)));
    } finally {
      writing = [];
    }
  }

  /** Until the time is over, or a segment is full, or the end. */
  async function rest(ms: number): Promise<void> {
    if (isClosed && failures === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    timer.unref();
    wake = () => {
      if (failures === 0 || isClosed) resolve();
    };
    await promise;
    clearTimeout(timer);
    wake = () => {};
  }

  const beating = setInterval(() => {
    if (running === null) store.beat({ session, writtenMs: nowMs() }).catch(onError);
  }, LIMITS.beatMs);
  beating.unref();

  return {
    understood(webhook) {
      const { first, events } = webhook;
      const items = Math.max(1, events.length);
      const span = [first.micros, first.micros + items - 1] as const;
      add(
        first.run === 0 ? "understood" : "replayed",
        span,
        items,
        writeUnderstood(webhook),
        namesOfUnderstood(webhook),
      );
    },
    flown(flight) {
      const micros = flight.endedMs * 1000;
      add("flown", [micros, micros], 1, writeFlown(flight), namesOfFlown(flight));
    },
    leaveOut(events) {
      leaveOut("understood", events);
      running ??= run();
    },
    numbers() {
      const oldestMs = oldestOf([...writing, ...sealed, ...Object.values(open)]);
      const lagSeconds = oldestMs === null ? 0 : Math.max(0, (nowMs() - oldestMs) / 1000);
      return { waiting, waitingCharacters, lagSeconds, ...counts, isAway: failures > 0 };
    },
    async close(deadlineMs = LIMITS.closeDeadlineMs) {
      isClosed = true;
      clearInterval(beating);
      wake();
      const finish = async (): Promise<void> => {
        await (running ?? run());
        if (failures === 0) await store.leave(session);
      };
      await within(deadlineMs, finish()).catch(onError);
    },
  };
}

/** The segments that are open. Replays have one of their own: a segment with their old arrivals and new ones would span all the time between. */
const OPENINGS = ["understood", "replayed", "flown"] as const;
type Opening = (typeof OPENINGS)[number];

type Span = readonly [fromMicros: number, untilMicros: number];

type Open = {
  readonly stream: Stream;
  readonly openedMs: number;
  readonly lines: string[];
  readonly names: string[];
  fromMicros: number;
  untilMicros: number;
  items: number;
  characters: number;
};
type Sealed = Readonly<Open> & Segment;

function oldestOf(all: readonly (Open | Sealed | null)[]): number | null {
  const times = all.flatMap((each) => each?.openedMs ?? []);
  return times.length === 0 ? null : Math.min(...times);
}

function newOpen(stream: Stream, openedMs: number): Open {
  return { stream, openedMs, lines: [], names: [], fromMicros: Infinity, untilMicros: 0, items: 0, characters: 0 };
}

function joined(a: Gap | null, b: Gap | null): Gap | null {
  if (a === null || b === null) return a ?? b;
  const events = (a.events ?? 0) + (b.events ?? 0);
  const flights = (a.flights ?? 0) + (b.flights ?? 0);
  const untilMs = Math.max(a.untilMs, b.untilMs);
  return { reason: a.reason, fromMs: Math.min(a.fromMs, b.fromMs), untilMs, events, flights };
}

function pauseMs(failures: number): number {
  return Math.min(LIMITS.longestPauseMs, LIMITS.firstPauseMs * 2 ** Math.min(failures - 1, 10));
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`the history's database took longer than ${ms} ms`)), ms);
  timer.unref();
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
