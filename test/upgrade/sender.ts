import { setTimeout as wait } from "node:timers/promises";
import { Pool } from "undici";
import type { SentEvent } from "../chaos/history.ts";
import type { Random } from "../chaos/random.ts";
import { SENDERS } from "../chaos/sources.ts";

/** Sends a history to the doors that there are, at its own pace, as a load balancer in front of them would. */
export type Sender = {
  readonly numbers: SenderNumbers;
  /** Every event that was sent, in the order of the history. */
  readonly events: readonly SentEvent[];
  /** Events that were delivered once more after their 2xx. */
  readonly repeated: readonly SentEvent[];
  open(door: string): void;
  /** The door is about to stop: from now on it may refuse, and refused events are sent again. */
  stopping(door: string): void;
  /** The door is gone. */
  close(door: string): Promise<void>;
  /** Makes no new events, and resolves when every event that was made is acknowledged. */
  pause(): Promise<void>;
  resume(): void;
  /** Sends nothing any more, whether or not all events were acknowledged. */
  end(): Promise<void>;
};

export type SenderNumbers = {
  acknowledged: number;
  /** Requests that a stopping door did not take. */
  refusedByStopping: number;
  /** Answers that no sender should have had. */
  readonly wrong: string[];
};

type Door = { readonly pool: Pool; stopping: boolean };

const TICK_MS = 20;
const AGAIN_AFTER_MS = 50;
const MAX_UNDER_WAY = 200;
const ANSWER_DEADLINE_MS = 30_000;
/** The share of the events ordered by version that are repeated. */
const REPEATED = 0.05;

export function startSender(history: Generator<SentEvent, never>, perSecond: number, random: Random): Sender {
  const numbers: SenderNumbers = { acknowledged: 0, refusedByStopping: 0, wrong: [] };
  const doors = new Map<string, Door>();
  const events: SentEvent[] = [];
  const repeated: SentEvent[] = [];
  const underWay = new Set<Promise<void>>();
  /** The last delivery of each record whose events only their arrival orders. */
  const sequences = new Map<string, Promise<void>>();
  let paused = false;
  const ended = new AbortController();
  let owed = 0;

  async function deliver(event: SentEvent): Promise<void> {
    const { source, id, element } = event;
    while (!ended.signal.aborted) {
      const door = random.pick([...doors.values()]);
      const { headers, body } = SENDERS[source].sign([element], id, Date.now());
      const said = await door.pool
        .request({ method: "POST", path: `/webhooks/${source}`, headers, body, headersTimeout: ANSWER_DEADLINE_MS })
        .then(
          async (answer) => ({ status: answer.statusCode, text: await answer.body.text() }),
          (error: unknown) => ({ status: 0, text: String(error) }),
        );
      if (said.status === 202) return;
      if (door.stopping) numbers.refusedByStopping += 1;
      else if (!ended.signal.aborted)
        numbers.wrong.push(`${id} was answered ${said.status}: ${said.text.slice(0, 200)}`);
      await wait(AGAIN_AFTER_MS);
    }
  }

  async function send(event: SentEvent, before: Promise<void> | undefined): Promise<void> {
    await before;
    await deliver(event);
    if (ended.signal.aborted) return;
    numbers.acknowledged += 1;
    // Where arrival alone orders events, the repetition could be the later one.
    if (event.sequence !== null || !random.chance(REPEATED)) return;
    repeated.push(event);
    await deliver(event);
  }

  function make(): void {
    const event = history.next().value;
    events.push(event);
    const { sequence } = event;
    const sent: Promise<void> = send(event, sequence === null ? undefined : sequences.get(sequence)).finally(() =>
      underWay.delete(sent),
    );
    underWay.add(sent);
    if (sequence !== null) sequences.set(sequence, sent);
  }

  const ticking = setInterval(() => {
    if (paused || doors.size === 0) return;
    owed = Math.min(owed + (perSecond * TICK_MS) / 1000, MAX_UNDER_WAY);
    for (; owed >= 1 && underWay.size < MAX_UNDER_WAY; owed -= 1) make();
  }, TICK_MS);

  return {
    numbers,
    events,
    repeated,
    open: (door) => void doors.set(door, { pool: new Pool(door, { connections: 16 }), stopping: false }),
    stopping: (door) => void (doors.get(door)!.stopping = true),
    async close(door) {
      const { pool } = doors.get(door)!;
      doors.delete(door);
      await pool.close();
    },
    async pause() {
      paused = true;
      while (underWay.size > 0) await Promise.all(underWay);
    },
    resume: () => void (paused = false),
    async end() {
      ended.abort();
      clearInterval(ticking);
      await Promise.allSettled(underWay);
    },
  };
}
