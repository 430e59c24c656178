import { setTimeout as wait } from "node:timers/promises";
import { DelayedError, type Job, type Worker } from "bullmq";
import type { Redis } from "ioredis";
import { arrivedAtMs, type MappedEvent } from "@sluice/record";
import type { MergedEvent, Merging } from "../merging/merging.ts";
import type { DeadLetter } from "../dead-letters/dead-letter.ts";
import type { Forgotten } from "../merging/forgotten.ts";
import {
  BEAT_EVERY_MS,
  BEAT_KEEP_MS,
  GIVE_WAY_MS,
  LIVE_JOBS,
  MAX_JOB_WEBHOOKS,
  MAX_SEEN_TYPES,
  MAX_UNREADABLE_JOBS,
  NO_ROOM_MS,
  POISON_DEATHS,
  PUT_BACK_MS,
  ROOM_LOOK_AGAIN_MS,
  SECOND_LOOK_MS,
  SEEN_TYPES_KEPT_DAYS,
} from "../limits.ts";
import { createAwaited } from "./awaited.ts";
import { createReadersWriterLock } from "./readers-writer-lock.ts";
import { registerConfiguration, understands, type Digests } from "./configurations.ts";
import { createSessions, PLACES, type Deaths } from "./deaths.ts";
import { INTAKE_FORMAT, readBegin } from "../state/state-format.ts";
import { decodeJob, UnreadableJobError } from "./jobs/job-data.ts";
import { AGAIN, openJobQueue } from "./jobs/job-queue.ts";
import { createJobWorker, rawDataOf } from "./jobs/job-worker.ts";
import { retryFirstWrite } from "../connection/start-retries.ts";
import { sourcesOf } from "../dead-letters/dead-letter-store.ts";
import { readMemory } from "../server/server.ts";
import { booksOf, typesOf, type JobBooks, type UnderstoodWebhook } from "./books/job-books.ts";
import { deadLetterOfJob, type IntakeFault } from "./intake-dead-letters.ts";
import { QUEUES, type IntakeQueue } from "./names.ts";
import { NotUnderstoodError } from "./not-understood.ts";
import { createRoom } from "./room.ts";
import { runIntake } from "./scripts.ts";
import { seenTypesKey } from "./books/seen-types.ts";
import { resultsChannel, type ResultsMessage } from "./webhook-results.ts";
import type { ConnectionBreaks } from "../state/connection-breaks.ts";
import { unlockJobs } from "./jobs/unlock-jobs.ts";
import type { IntakeJob, IntakeWebhook } from "./webhook.ts";

/** The part of this process that understands webhooks. */
export type Understander = {
  /** The digests by source. Read at the start, and at `use`. */
  digests(): Digests;
  /** The webhook's events and their changes. `giveWay` is waited for between pieces of the work. @throws NotUnderstoodError */
  read(webhook: IntakeWebhook, giveWay: () => Promise<void>): Promise<readonly MappedEvent[]>;
};

export type UnderstandingOptions = {
  readonly understander: Understander;
  /** How long a webhook waits for a worker that has its configuration. */
  readonly unknownSourceAfterMs: number;
  readonly nowMs: () => number;
  /** Called for each job that was booked. */
  readonly onBooked?: (seconds: number) => void;
  /** Called for each webhook whose events were merged, and for each that could not be understood. A second try calls again. */
  readonly onUnderstood?: (webhook: IntakeWebhook, read: ReadWebhook) => void;
  /** Called for each dead letter that was kept. */
  readonly onLetter?: (letter: DeadLetter) => void;
  /** Called once for a source whose webhooks begin to wait for another configuration than this worker's. */
  readonly onAwaited?: (source: string) => void;
  /** Called when no worker with the right configuration came in time, and this worker's was used. */
  readonly onOutdated?: (source: string, webhooks: number) => void;
};

/** A webhook's events with their ends, or why there are none. */
export type ReadWebhook =
  | { readonly events: readonly MappedEvent[]; readonly merged: readonly MergedEvent[] }
  | { readonly fault: IntakeFault };

export type Understanding = {
  /** Sources whose webhooks wait for another configuration, and when the oldest webhook that was put back came in (ms, its door's clock). */
  awaited(): ReadonlyMap<string, number>;
  /** Takes up another configuration of the understander. */
  use(): Promise<void>;
  /** Leaves the last part of Redis' memory to pending changes: nothing is understood while `resting`. */
  rest(resting: boolean): Promise<void>;
  close(): Promise<void>;
};

export type UnderstandingParts = {
  readonly redis: Redis;
  /** A connection for BullMQ, which blocks it. */
  readonly blocking: Redis;
  readonly tag: string;
  readonly session: string;
  /** The Redis was started by this process: jobs that are being worked on are those of a worker that is gone. */
  readonly isAlone: boolean;
  readonly merging: Merging;
  readonly forgotten: Forgotten;
  /** Whether the state went back a short time ago: what is understood now may have been understood, and written, before. */
  readonly isRecovering: () => boolean;
  /** Begins to look whether these connections, and that of the merges, stand. */
  readonly unbroken: ConnectionBreaks["begin"];
  /** Whether a source has no room for another dead letter: its webhooks wait until it has. */
  readonly isFull: (source: string) => boolean;
  readonly onError: (error: Error) => void;
};

/** The queue of a job, and how its events are merged. */
type How = { readonly name: IntakeQueue; readonly merge: Merging["mergeEach"] };

/**
 * Understands the jobs of the intake: each webhook is read, its changes are merged, then the job is booked, and only then
 * completed. A worker may die at any point: changes that are merged again, and a job that is booked again, change nothing.
 */
export async function startUnderstanding(
  {
    redis,
    blocking,
    tag,
    session,
    isAlone,
    merging,
    forgotten,
    isRecovering,
    unbroken,
    isFull,
    onError,
  }: UnderstandingParts,
  options: UnderstandingOptions,
): Promise<Understanding> {
  const { understander, nowMs } = options;
  const sessions = createSessions(redis, tag, session, isAlone ? 0 : SECOND_LOOK_MS);
  const lock = createReadersWriterLock();
  const room = createRoom(async () => await readMemory(redis));
  const awaiting = createAwaited(() => performance.now(), options.onAwaited);
  /** By each job in work: whether the connections have stood since before its first merge. */
  const stands = new WeakMap<Job, () => boolean>();
  let own = { number: 0, digests: {} as Digests };
  let stopped = false;

  async function use(): Promise<void> {
    const digests = understander.digests();
    own = { number: await registerConfiguration(redis, tag, digests), digests };
    await beat();
  }
  async function beat(): Promise<void> {
    await runIntake(redis, "beat", [tag, `${session}:${own.number}`, BEAT_KEEP_MS, QUEUES.length, ...QUEUES]);
  }

  async function process(name: IntakeQueue, job: Job, token: string): Promise<void> {
    const id = `${name}:${job.id}`;
    const bytes = rawDataOf(job).length;
    // The event loop is free meanwhile, and the job's lock is renewed.
    while (!(await room.enter(bytes))) {
      if (stopped) return await putBack(job, token, id, PUT_BACK_MS);
      await wait(ROOM_LOOK_AGAIN_MS);
    }
    stands.set(job, unbroken());
    try {
      await sessions.having(id, async () => await processHere(name, job, token, id));
    } finally {
      room.leave(bytes);
    }
  }

  async function processHere(name: IntakeQueue, job: Job, token: string, id: string): Promise<void> {
    const startedAt = performance.now();
    let deaths: Deaths = null;
    if (job.attemptsStarted <= 1) sessions.place(id, PLACES.all).catch(onError);
    else {
      deaths = await sessions.inquire(id, MAX_JOB_WEBHOOKS);
      await sessions.place(id, PLACES.all);
    }
    const work = async (): Promise<void> => await understand(name, job, token, id, deaths);
    await (deaths === null ? lock.shared(work) : lock.exclusive(work));
    options.onBooked?.((performance.now() - startedAt) / 1000);
  }

  async function understand(name: IntakeQueue, job: Job, token: string, id: string, deaths: Deaths): Promise<void> {
    const data = await decode(job, id, deaths);
    if (data instanceof UnreadableJobError) {
      const letter = deadLetterOfJob(id, rawDataOf(job), data.message, job.timestamp);
      const counts = new Map([["unreadable", 1]]);
      return await conclude(name, job, token, id, {
        letters: [letter],
        counts,
        types: new Map(),
        webhooks: 0,
        told: [],
      });
    }
    const { webhooks } = data;
    // A webhook of the past waits since it was added again.
    const sinceMs = ({ arrival }: IntakeWebhook): number =>
      name === "backfill" ? job.timestamp : arrivedAtMs(arrival);
    const isAwaited = (webhook: IntakeWebhook): boolean =>
      !understands(own, webhook.source, data) && nowMs() - sinceMs(webhook) < options.unknownSourceAfterMs;
    // A replayed webhook is not barred: it has left its letter's room.
    const isBarred = ({ source, run }: IntakeWebhook): boolean => run === 0 && isFull(source);
    const awaited = webhooks.filter(isAwaited);
    const held = webhooks.filter((webhook) => isAwaited(webhook) || isBarred(webhook));
    for (const webhook of awaited) awaiting.putBack(webhook.source, sinceMs(webhook));
    // Webhooks beside one that waits, for its configuration or for room, don't wait: their changes are merged now, and booked with it.
    const now =
      held.length === 0 ? webhooks : job.attemptsStarted <= 1 ? webhooks.filter((each) => !held.includes(each)) : [];
    const merge = async (events: readonly MappedEvent[]): Promise<readonly MergedEvent[]> => {
      const merged = await merging.mergeEach(events);
      if (job.name === AGAIN || isRecovering()) await forgotten.clear(events, merged);
      return merged;
    };
    const how = { name, merge };
    const understood = await (deaths === null ? together(how, now) : oneByOne(how, now, webhooks, id, deaths));
    if (held.length > 0) return await putBack(job, token, id, awaited.length > 0 ? PUT_BACK_MS : NO_ROOM_MS);
    const outdated = webhooks.filter(({ source }) => source in own.digests && !understands(own, source, data));
    for (const [source, each] of Map.groupBy(outdated, (webhook) => webhook.source)) {
      options.onOutdated?.(source, each.length);
    }
    await conclude(name, job, token, id, booksOf(understood, job.timestamp));
    // A state that went back meanwhile knows the job, and nothing of its merges: it is understood once more.
    if (!stands.get(job)!()) await putBack(job, token, id, 0);
  }

  /** Adds a job again that was completed after a break of a connection: maybe in a state that knows nothing of its merges. */
  async function addAgain(name: IntakeQueue, job: Job): Promise<void> {
    if (stands.get(job)?.() ?? true) return;
    const queue = await openJobQueue(redis, tag, name);
    await queue.add(job.data, true);
    await queue.close();
  }

  async function decode(job: Job, id: string, deaths: Deaths): Promise<IntakeJob | UnreadableJobError> {
    if (deaths !== null) {
      if (deaths.at(PLACES.decoding) >= POISON_DEATHS) return new UnreadableJobError("workers died while they read it");
      await sessions.place(id, PLACES.decoding);
    }
    try {
      return await decodeJob(job.data);
    } catch (error) {
      if (error instanceof UnreadableJobError) return error;
      throw error;
    }
  }

  /** Reads the webhooks one after the other, and merges them together. */
  async function together(
    { name, merge }: How,
    webhooks: readonly IntakeWebhook[],
  ): Promise<readonly UnderstoodWebhook[]> {
    const read: (IntakeFault | readonly MappedEvent[])[] = [];
    for (const webhook of webhooks) {
      await giveWay(name);
      read.push(await readOf(name, webhook));
    }
    const merged = await merge(read.flatMap((each) => ("code" in each ? [] : each)));
    let at = 0;
    return webhooks.map((webhook, index) => {
      const each = read[index]!;
      if ("code" in each) return faulty(webhook, each);
      at += each.length;
      return endedIn(webhook, each, merged.slice(at - each.length, at));
    });
  }

  /** Reads and merges each webhook alone, with the place written down before it, so that it is known where a worker dies. */
  async function oneByOne(
    { name, merge }: How,
    now: readonly IntakeWebhook[],
    webhooks: readonly IntakeWebhook[],
    id: string,
    deaths: NonNullable<Deaths>,
  ): Promise<readonly UnderstoodWebhook[]> {
    const all: UnderstoodWebhook[] = [];
    for (const webhook of now) {
      const place = webhooks.indexOf(webhook);
      if (deaths.at(place) >= POISON_DEATHS) {
        const message = `${deaths.at(place)} workers died while they understood it`;
        all.push(faulty(webhook, { code: "webhook_poison", message }));
        continue;
      }
      await giveWay(name);
      await sessions.place(id, place);
      const read = await readOf(name, webhook);
      all.push("code" in read ? faulty(webhook, read) : endedIn(webhook, read, await merge(read)));
    }
    await sessions.place(id, PLACES.all);
    return all;
  }

  function endedIn(
    webhook: IntakeWebhook,
    events: readonly MappedEvent[],
    merged: readonly MergedEvent[],
  ): UnderstoodWebhook {
    options.onUnderstood?.(webhook, { events, merged });
    return { webhook, words: merged.map(({ word }) => word), types: typesOf(events) };
  }

  function faulty(webhook: IntakeWebhook, fault: IntakeFault): UnderstoodWebhook {
    options.onUnderstood?.(webhook, { fault });
    return { webhook, fault };
  }

  async function readOf(name: IntakeQueue, webhook: IntakeWebhook): Promise<IntakeFault | readonly MappedEvent[]> {
    try {
      return await understander.read(webhook, async () => await giveWay(name));
    } catch (error) {
      if (error instanceof NotUnderstoodError) return error.fault;
      throw error;
    }
  }

  /** A backfill's job waits while live webhooks do. */
  async function giveWay(name: IntakeQueue): Promise<void> {
    if (name !== "backfill" || stopped) return;
    const waiting = await Promise.all(
      (["webhooks", "large"] as const).map(async (live) => await redis.llen(`${tag}:${live}:wait`)),
    );
    if (waiting.every((count) => count === 0)) return;
    await wait(GIVE_WAY_MS);
    await giveWay(name);
  }

  async function conclude(name: IntakeQueue, job: Job, token: string, id: string, books: JobBooks): Promise<void> {
    const { letters, counts, types, webhooks, told } = books;
    const atMs = nowMs();
    const seen = [...types].flatMap(([source, bySource]) =>
      [...bySource].map(([type, ended]) => [seenTypesKey(tag, source, atMs), type, ...ended]),
    );
    const word = await runIntake(redis, "book", [
      tag,
      `${tag}:${name}:${job.id}`,
      id,
      rawDataOf(job).length,
      webhooks,
      MAX_UNREADABLE_JOBS,
      letters.length,
      ...letters.flatMap((letter) => [letter.id, JSON.stringify(letter), sourcesOf(letter)]),
      counts.size,
      ...[...counts].flat(),
      atMs,
      MAX_SEEN_TYPES,
      SEEN_TYPES_KEPT_DAYS * 86_400_000,
      seen.length,
      ...seen.flat(),
    ]);
    if (word === "full") {
      onError(new Error(`the intake keeps ${MAX_UNREADABLE_JOBS} unreadable jobs and takes no more: job ${id} waits`));
      return await putBack(job, token, id, NO_ROOM_MS);
    }
    if (word !== "booked") return;
    for (const letter of letters) options.onLetter?.(letter);
    for (const [door, messages] of Map.groupBy(told, ({ session: number }) => number)) {
      const all: ResultsMessage[] = messages.map(({ number, words }) => [number, words]);
      redis.publish(resultsChannel(tag, door), JSON.stringify(all)).catch(onError);
    }
  }

  async function putBack(job: Job, token: string, id: string, forMs: number): Promise<void> {
    await sessions.leave(id);
    await job.moveToDelayed(Date.now() + forMs, token);
    throw new DelayedError();
  }

  const workers: readonly Worker[] = QUEUES.map((name) =>
    createJobWorker({
      redis: blocking,
      tag,
      name,
      concurrency: name === "webhooks" ? LIVE_JOBS : 1,
      process: async (job, token) => await process(name, job, token),
      onCompleted: (job) => void addAgain(name, job).catch(onError),
      onError,
    }),
  );
  const begin = async (): Promise<void> => {
    readBegin(await runIntake(redis, "begin", [tag, INTAKE_FORMAT, 1, "", 0]));
    await use();
    if (isAlone) await unlockJobs(redis, tag);
    for (const worker of workers) void worker.run().catch(onError);
  };
  await retryFirstWrite(begin, { isOver: () => stopped, onError });
  const beating = setInterval(() => void beat().catch(onError), BEAT_EVERY_MS);
  beating.unref();

  return {
    use,
    awaited: awaiting.sources,
    async rest(resting) {
      await Promise.all(
        workers.map(async (worker) => {
          if (resting !== worker.isPaused()) await (resting ? worker.pause(true) : worker.resume());
        }),
      );
    },
    async close() {
      stopped = true;
      clearInterval(beating);
      await Promise.allSettled(workers.map(async (worker) => await worker.close()));
      await redis.zrem(`${tag}:workers`, `${session}:${own.number}`).catch(() => {});
    },
  };
}
