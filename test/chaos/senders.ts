import { Pool } from "undici";
import type { SentEvent } from "./history.ts";
import type { Random } from "./random.ts";
import { SENDERS, SOURCES, type SourceName } from "./sources.ts";

export type Senders = {
  readonly numbers: SendingNumbers;
  /** Every event that was sent, in the order of the history. */
  readonly events: readonly SentEvent[];
  /** Each 2xx that was heard for an event, by event. */
  readonly heard: ReadonlyMap<string, readonly Heard[]>;
  /** Sends no new events, and resolves when all begun ones are acknowledged; false: not by the deadline. */
  finish(deadlineMs: number): Promise<boolean>;
};

/** A 2xx: its time (ms by this process' clock), and the door that it came from. */
export type Heard = { readonly atMs: number; readonly door: number };

export type SendingNumbers = {
  sent: number;
  acknowledged: number;
  /** The number of requests, and of those that were not answered with a 2xx: each was sent again. */
  requests: number;
  unanswered: number;
  /** Events that were sent once more although they had been acknowledged, or were on their way. */
  repeated: number;
  /** Answers of the door that must never be: refusals, and one event taken for new twice. */
  readonly wrong: string[];
};

export type SendersOptions = {
  readonly history: Generator<SentEvent, never>;
  readonly doors: readonly string[];
  readonly random: Random;
  readonly eventsPerSecond: number;
};

/** Requests under way at once, and events that may wait for one before no more are made. */
const CONNECTIONS = 48;
const MAX_WAITING = 3000;
const TICK_MS = 20;
/** An event is repeated at most this many events later. */
const MEMORY = 1000;

/**
 * Sends the history as webhook senders do: in batches where the scheme has them, a share of it twice, over and
 * over until it is acknowledged by a 2xx; any other end means "not stored".
 */
export function startSenders({ history, doors, random, eventsPerSecond }: SendersOptions): Senders {
  const numbers: SendingNumbers = { sent: 0, acknowledged: 0, requests: 0, unanswered: 0, repeated: 0, wrong: [] };
  const pools = doors.map((url) => new Pool(url, { connections: CONNECTIONS, pipelining: 1 }));
  const waiting: Record<SourceName, SentEvent[]> = { hub: [], erp: [], shop: [] };
  /** Sequences with an event under way, and the events that wait for their turn. */
  const sequences = new Map<string, SentEvent[]>();
  const memory: SentEvent[] = [];
  const heard = new Map<string, Heard[]>();
  const events: SentEvent[] = [];
  const underWay = new Set<Promise<void>>();
  let finishing = false;
  const givenUp = new AbortController();

  const startedAt = performance.now();
  const ticking = setInterval(() => {
    const due = Math.floor(((performance.now() - startedAt) / 1000) * eventsPerSecond);
    // A sender that can't get rid of its events makes no more: the rest of the time is for the waiting ones.
    const wanted = finishing ? 0 : due - events.length;
    for (let made = 0; made < wanted && waitingCount() < MAX_WAITING; made += 1) make();
    while (underWay.size < CONNECTIONS && send()) continue;
  }, TICK_MS);

  function make(): void {
    const event = history.next().value;
    events.push(event);
    numbers.sent += 1;
    if (event.sequence === null) waiting[event.source].push(event);
    else {
      const before = sequences.get(event.sequence);
      if (before === undefined) {
        sequences.set(event.sequence, []);
        waiting[event.source].push(event);
      } else before.push(event);
    }
  }

  function waitingCount(): number {
    return SOURCES.reduce((sum, source) => sum + waiting[source].length, 0);
  }

  /** Begins one request. @returns false when there is nothing to send */
  function send(): boolean {
    const sources = SOURCES.filter((source) => waiting[source].length > 0);
    if (sources.length === 0) return false;
    const source = random.pick(sources);
    const { batch } = SENDERS[source];
    const fresh = waiting[source].splice(0, random.whole(1, batch));
    const again = memory.filter((event) => event.source === source && batch > 1 && random.chance(0.002)).slice(0, 5);
    numbers.repeated += again.length;
    const one = batch === 1 && random.chance(0.15);
    const requests = [[...shuffled([...fresh, ...again])], ...(one ? [fresh] : [])];
    if (one) numbers.repeated += 1;
    for (const each of requests) {
      const delivery: Promise<void> = deliver(source, each).finally(() => underWay.delete(delivery));
      underWay.add(delivery);
    }
    // Where arrival alone orders events, a repetition that is understood before the original would count as the later one.
    memory.push(...fresh.filter(({ sequence }) => sequence === null));
    if (memory.length > MEMORY) memory.splice(0, memory.length - MEMORY);
    return true;
  }

  function shuffled(list: SentEvent[]): SentEvent[] {
    return list
      .map((event) => ({ event, at: random.next() }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ event }) => event);
  }

  async function deliver(source: SourceName, batch: readonly SentEvent[]): Promise<void> {
    const [id, elements] = [batch[0]!.id, batch.map(({ element }) => element)];
    while (!givenUp.signal.aborted) {
      const { headers, body } = SENDERS[source].sign(elements, id, Date.now());
      // Now and then a sender gives up before anybody could answer.
      const patienceMs = random.chance(0.03) ? random.whole(1, 30) : random.whole(1000, 8000);
      numbers.requests += 1;
      try {
        const door = random.whole(0, pools.length - 1);
        const answer = await pools[door]!.request({
          method: "POST",
          path: `/webhooks/${source}`,
          headers,
          body,
          signal: AbortSignal.timeout(patienceMs),
        });
        const text = await answer.body.text();
        if (answer.statusCode >= 200 && answer.statusCode < 300) {
          hear(batch, JSON.parse(text) as Report, { atMs: Date.now(), door });
          return;
        }
        if (answer.statusCode < 500) {
          numbers.wrong.push(`${source} was answered ${answer.statusCode}: ${text.slice(0, 200)}`);
          return;
        }
      } catch {
        // Silence, a reset and half an answer are all the same to a sender.
      }
      numbers.unanswered += 1;
      await new Promise((resolve) => setTimeout(resolve, random.whole(20, 600)));
    }
  }

  function hear(batch: readonly SentEvent[], report: Report, from: Heard): void {
    for (const [index, event] of batch.entries()) {
      const said = report.events[index];
      const fault = faultOf(event, said);
      if (fault !== null) numbers.wrong.push(`${event.id}: ${fault}`);
      const before = heard.get(event.id);
      if (before !== undefined) {
        before.push(from);
        continue;
      }
      heard.set(event.id, [from]);
      numbers.acknowledged += 1;
      if (event.sequence !== null) advance(event.sequence);
    }
  }

  function faultOf(event: SentEvent, said: Report["events"][number] | undefined): string | null {
    if (said?.id !== event.id) return `answered as ${said?.id ?? "nothing"}`;
    // The event's outcome is known behind the door; the books and the oracle say whether it was right.
    return said.status === "accepted" ? null : `answered ${said.status}, expected accepted`;
  }

  function advance(sequence: string): void {
    const next = sequences.get(sequence)?.shift();
    if (next === undefined) sequences.delete(sequence);
    else waiting[next.source].push(next);
  }

  return {
    numbers,
    events,
    heard,
    async finish(deadlineMs) {
      finishing = true;
      const end = performance.now() + deadlineMs;
      const done = (): boolean => numbers.acknowledged === events.length && underWay.size === 0;
      while (!done() && numbers.wrong.length === 0 && performance.now() < end) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      givenUp.abort();
      clearInterval(ticking);
      await Promise.all(pools.map(async (pool) => await pool.destroy()));
      return done();
    },
  };
}

type Report = { readonly events: readonly { readonly id: string; readonly status: string }[] };
