import { setTimeout as wait } from "node:timers/promises";
import { groupCommit } from "@sluice/group-commit";
import type { Arrival } from "@sluice/record";
import type { Acknowledgement } from "../server/acknowledgement.ts";
import { retryFirstWrite } from "../connection/start-retries.ts";
import {
  ADD_AGAIN_AT_ONCE,
  ADD_AGAIN_BYTES,
  ADD_AGAIN_MS,
  BEGIN_AGAIN_MS,
  EVENT_WEIGHT_BYTES,
  LARGE_BODY_BYTES,
  MAX_DOORS,
  MAX_JOB_GROUP_BYTES,
  MAX_JOB_WEBHOOKS,
  MAX_UNCONFIRMED_JOBS,
  MAX_WAITING_WEBHOOKS,
} from "../limits.ts";
import { ownerOf } from "../connection/owner.ts";
import { QueueUnavailableError } from "../connection/unavailable.ts";
import { keepAcknowledged, type AddedJob } from "./jobs/acknowledged.ts";
import { createArrivalClock } from "./arrival-clock.ts";
import { INTAKE_FORMAT, readBegin } from "../state/state-format.ts";
import { encodeJob } from "./jobs/job-data.ts";
import { openJobQueue, type JobQueue } from "./jobs/job-queue.ts";
import { onServerLost } from "../connection/lost-servers.ts";
import { QUEUES, type IntakeQueue } from "./names.ts";
import type { RegisteredConfiguration } from "./registration.ts";
import { runIntake } from "./scripts.ts";
import type { IntakeWebhook, NewWebhook } from "./webhook.ts";

/** The door's side of the intake: webhooks are written down, and nothing else is done with them. */
export type IntakeDoor = {
  /**
   * Resolves once Redis confirmed that the webhook is stored. The webhook is sent once.
   * @returns its arrival, which is later than that of every webhook that any door had acknowledged `ARRIVALS_KNOWN_FOR_MS` before
   * @throws QueueUnavailableError (`code` "queue_unavailable") when nothing may be acknowledged
   */
  add(webhook: NewWebhook): Promise<Arrival>;
  /** Adds webhooks that are to be understood when no live webhook waits, by the configuration that they name; without one by any. */
  addBackfill(webhooks: readonly IntakeWebhook[], written?: RegisteredConfiguration): Promise<void>;
  /** Sets the configuration with which webhooks are read from now on. */
  use(written: RegisteredConfiguration): void;
  /** Compares the last job that Redis answered for with the last that it knows; jobs that it does not know are added again. */
  compare(): Promise<void>;
  /** The door's number. */
  readonly session: number;
  /** Bytes that wait to be understood, as far as this door knows. */
  waitingBytes: number;
  close(): Promise<void>;
};

/** Jobs that Redis had answered for and no longer knows. */
export type LostJobs = {
  /** Webhooks that are being added again. */
  readonly addedAgain: number;
  /** Jobs that are too long ago to be held here. */
  readonly notHeld: number;
};

export type IntakeDoorOptions = {
  readonly tag: string;
  /** The session of the process. */
  readonly door: string;
  /** Called when this door's own jobs show that the state in Redis went back, before they are added again. */
  readonly onLost: (lost: LostJobs) => Promise<void>;
  /** Called when all of them are confirmed again. */
  readonly onAddedAgain?: (webhooks: number) => void;
  readonly acknowledgement: Acknowledgement;
  /** The number of jobs that share one confirmation. */
  readonly jobsAtOnce: number;
  /** Throws while nothing may be admitted. */
  readonly assertRoom: () => void;
  readonly steadyMs?: () => number;
  readonly onError: (error: Error) => void;
};

export async function openIntakeDoor(options: IntakeDoorOptions): Promise<IntakeDoor> {
  const { tag, acknowledgement, jobsAtOnce, assertRoom, steadyMs = () => performance.now(), onError } = options;
  const { redis } = acknowledgement;
  const clock = createArrivalClock(steadyMs);
  const acknowledged = keepAcknowledged<IntakeQueue>({ keepMs: ADD_AGAIN_MS, maxBytes: ADD_AGAIN_BYTES }, steadyMs);
  /** Jobs of one commit, each pair of which is more than one job holds; a large one, a backfill's, and those that are added again. */
  const mostUnderWay = 2 * jobsAtOnce + 2 + ADD_AGAIN_AT_ONCE;
  /** Jobs that were lost, the oldest first, until they are confirmed once more. */
  const toAddAgain: AddedJob<IntakeQueue>[] = [];
  let isAddingAgain = false;
  /** The last job that this door began to add, and the last that Redis answered for. */
  let begunJob = 0;
  let answeredJob = 0;
  /** Jobs that Redis answered for and that were not confirmed as `ack` asks: their senders heard no 2xx. */
  const unconfirmed = new Set<number>();
  /** The last job that was answered for when the state in Redis last went back: a confirmation that comes later is not about it. */
  let lostJob = 0;
  const queues = new Map<IntakeQueue, JobQueue>(
    await Promise.all(QUEUES.map(async (name) => [name, await openJobQueue(redis, tag, name)] as const)),
  );
  let written: RegisteredConfiguration = { configuration: 0, digests: {} };
  let closed = false;

  async function begin(): Promise<void> {
    const asked = [tag, INTAKE_FORMAT, clock.session, options.door, MAX_DOORS];
    const askedAtMs = steadyMs();
    const begun = readBegin(await runIntake(redis, "begin", asked));
    clock.set(begun.nowMicros, begun.arrival, begun.session, askedAtMs);
    door.waitingBytes = begun.bytes;
    if (begun.added < answeredJob) lose(begun.added);
  }

  /** Adds jobs again: the last of this door's jobs that Redis knows is older than the last that it answered for. */
  function lose(found: number): void {
    const lost = answeredJob - found;
    lostJob = answeredJob;
    answeredJob = found;
    // The last jobs that Redis knows may themselves be lost: numbers are written before jobs, and several are under way at once.
    const jobs = acknowledged.takeSince(Math.max(1, found - mostUnderWay));
    const held = jobs.filter(({ number }) => number > found).length;
    const unheard = [...unconfirmed].filter((number) => number > found).length;
    const addedAgain = jobs.reduce((sum, { webhooks }) => sum + webhooks, 0);
    toAddAgain.push(...jobs);
    const makeGood = async (): Promise<void> => {
      await options.onLost({ addedAgain, notHeld: lost - held - unheard }).catch(onError);
      await addAgain();
    };
    makeGood().catch(onError);
  }

  /**
   * Adds jobs again, many at once: the state may go back once more before all are in it. Their arrivals stay: by them webhooks that were
   * read before are known, and nothing is booked twice.
   */
  async function addAgain(): Promise<void> {
    if (isAddingAgain) return;
    isAddingAgain = true;
    const isOver = (): boolean => closed;
    let webhooks = 0;
    while (!isOver() && toAddAgain.length > 0) {
      const some = toAddAgain.slice(0, ADD_AGAIN_AT_ONCE);
      try {
        const write = async (): Promise<readonly AddedJob<IntakeQueue>[]> =>
          await Promise.all(some.map(async (job) => await send(job, true)));
        keep(await acknowledgement.confirm(tag, write));
        toAddAgain.splice(0, some.length);
        webhooks += some.reduce((sum, job) => sum + job.webhooks, 0);
      } catch (error) {
        onError(error instanceof Error ? error : new Error(String(error)));
        await wait(BEGIN_AGAIN_MS, undefined, { ref: false });
      }
    }
    isAddingAgain = false;
    if (!isOver()) options.onAddedAgain?.(webhooks);
  }

  /** Begins, now and after each reconnect. Until the door has begun it gives no arrival, and so nothing is stored. */
  const beginSoon = async (): Promise<void> =>
    await retryFirstWrite(begin, { isOver: () => closed || redis.status !== "ready", onError });
  const onReady = (): void => void beginSoon().catch(onError);
  const onAway = (): void => clock.forget();
  const lost = onServerLost(redis, () => {
    onAway();
    onReady();
  });

  async function askClock(): Promise<void> {
    const askedAtMs = steadyMs();
    const [highest, ...time] = (await runIntake(redis, "clock", [tag])) as [string, string, string];
    clock.see(Number(highest), microsOf(time), askedAtMs);
  }

  /** Gives the first of `count` arrivals in a row. */
  function arrive(count: number): Arrival {
    const arrival = clock.give(count);
    if (arrival === null) throw new Error("its clock is not known: the connection was just made");
    return arrival;
  }

  async function store(
    name: IntakeQueue,
    webhooks: readonly IntakeWebhook[],
    asRead: RegisteredConfiguration,
  ): Promise<AddedJob<IntakeQueue>> {
    const { value, bytes } = await encodeJob({ ...asRead, webhooks });
    const last = webhooks.reduce((highest, { arrival, ids }) => Math.max(highest, arrival.micros + ids.length - 1), 0);
    return await send({ queue: name, value, bytes, last, webhooks: webhooks.length });
  }

  async function send(job: Omit<AddedJob<IntakeQueue>, "number">, isAgain = false): Promise<AddedJob<IntakeQueue>> {
    const { queue, value, bytes, last, webhooks } = job;
    begunJob += 1;
    const number = begunJob;
    const answeredBefore = answeredJob;
    const askedAtMs = steadyMs();
    // Both commands go in one packet, and so in one turn of Redis: they share its sync to the disk.
    const { stream } = ownerOf(redis, tag) as unknown as { stream?: { cork(): void; uncork(): void } };
    stream?.cork();
    setImmediate(() => stream?.uncork());
    const raised = runIntake(redis, "raise", [tag, last, bytes, webhooks, options.door, clock.session, number]);
    const added = queues.get(queue)!.add(value, isAgain);
    const [[highest, waiting, seconds, micros, before]] = await Promise.all([
      raised as Promise<[string, number, string, string, number]>,
      added,
    ]);
    clock.see(Number(highest), microsOf([seconds, micros]), askedAtMs);
    door.waitingBytes = waiting;
    if (before < answeredBefore && before < answeredJob) lose(before);
    answeredJob = Math.max(answeredJob, number);
    unconfirmed.add(number);
    // A replica that is away for long leaves many behind; the oldest lie before what any replica would lack.
    if (unconfirmed.size > MAX_UNCONFIRMED_JOBS) unconfirmed.delete(unconfirmed.values().next().value!);
    return { ...job, number };
  }

  /** Keeps confirmed jobs. @throws Error when one was answered for before the state went back, and so may be lost */
  function keep(jobs: readonly AddedJob<IntakeQueue>[]): void {
    const isLost = jobs.some(({ number }) => number <= lostJob);
    if (isLost) throw new Error("the state in Redis went back before the write was confirmed");
    for (const job of jobs) {
      unconfirmed.delete(job.number);
      acknowledged.keep(job);
    }
  }

  async function commit(
    name: IntakeQueue,
    webhooks: readonly IntakeWebhook[],
    asRead: RegisteredConfiguration,
  ): Promise<void> {
    const jobs = await acknowledgement.confirm(
      tag,
      async () => await Promise.all(jobsOf(webhooks).map(async (job) => await store(name, job, asRead))),
    );
    keep(jobs);
  }

  async function commitNew(name: IntakeQueue, webhooks: readonly NewWebhook[]): Promise<readonly Arrival[]> {
    if (!clock.isFresh) await askClock();
    // An empty batch came in as well.
    const arrived = webhooks.map((webhook) => ({ ...webhook, arrival: arrive(Math.max(1, webhook.ids.length)) }));
    await commit(name, arrived, written);
    return arrived.map(({ arrival }) => arrival);
  }

  async function confirmed<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    try {
      return await work();
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new QueueUnavailableError(`Redis did not confirm the write: ${why}`, { cause });
    }
  }

  const live = groupCommit<NewWebhook, Arrival>({
    maxItems: MAX_JOB_WEBHOOKS * jobsAtOnce,
    maxBytes: MAX_JOB_GROUP_BYTES * jobsAtOnce,
    bytesOf: weightOf,
    commit: async (webhooks) => await confirmed(async () => await commitNew("webhooks", webhooks)),
  });
  const large = groupCommit<NewWebhook, Arrival>({
    maxItems: 1,
    commit: async (webhooks) => await confirmed(async () => await commitNew("large", webhooks)),
  });

  const door: IntakeDoor = {
    waitingBytes: 0,
    async add(webhook) {
      assertRoom();
      if (live.waiting + large.waiting >= MAX_WAITING_WEBHOOKS) {
        throw new QueueUnavailableError("too many webhooks wait for Redis to confirm them");
      }
      return await (isLarge(webhook) ? large : live).add(webhook);
    },
    async addBackfill(webhooks, asRead) {
      for (const job of jobsOf(webhooks)) await confirmed(async () => await commit("backfill", job, asRead ?? written));
    },
    use(next) {
      written = next;
    },
    compare: begin,
    get session() {
      return clock.session;
    },
    async close() {
      closed = true;
      redis.off("ready", onReady).off("close", onAway);
      lost.close();
      await Promise.allSettled([...queues.values()].map(async (queue) => await queue.close()));
    },
  };
  await beginSoon();
  redis.on("ready", onReady).on("close", onAway);
  return door;
}

/** Redis' clock, which it tells as seconds and microseconds. */
function microsOf([seconds, micros]: readonly [string, string]): number {
  return Number(seconds) * 1_000_000 + Number(micros);
}

/** The webhooks in jobs, each within its bounds. */
function jobsOf(webhooks: readonly IntakeWebhook[]): readonly (readonly IntakeWebhook[])[] {
  const jobs: IntakeWebhook[][] = [];
  let weight = Infinity;
  for (const webhook of webhooks) {
    weight += weightOf(webhook);
    if (weight > MAX_JOB_GROUP_BYTES || jobs.at(-1)!.length === MAX_JOB_WEBHOOKS) {
      jobs.push([]);
      weight = weightOf(webhook);
    }
    jobs.at(-1)!.push(webhook);
  }
  return jobs;
}

function weightOf({ kept, ids }: NewWebhook): number {
  return kept.body.length + ids.length * EVENT_WEIGHT_BYTES;
}

function isLarge({ kept }: NewWebhook): boolean {
  return kept.body.length > LARGE_BODY_BYTES;
}
