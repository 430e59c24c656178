import type { ChainableCommander, Redis } from "ioredis";
import { filedBySource, readFiledCounts } from "../../dead-letters/filing/letter-place.ts";
import { QUEUES } from "../names.ts";

/** The ends of an event that was understood. `made`: it made changes, which are in the books of their lanes. */
export const RESULTS = ["made", "duplicate", "ignored", "dead"] as const;
export type Result = (typeof RESULTS)[number];

/** The intake's books, and how much waits in it. */
export type IntakeNumbers = {
  readonly jobs: {
    readonly added: number;
    readonly completed: number;
    readonly waiting: number;
    readonly active: number;
    readonly delayed: number;
    readonly failed: number;
  };
  readonly waitingWebhooks: number;
  readonly waitingBytes: number;
  /** Milliseconds since 1970 by a door's clock; null: nothing waits. */
  readonly oldestMs: number | null;
  /** Events, by source. */
  readonly understood: ReadonlyMap<string, number>;
  readonly results: ReadonlyMap<Result, ReadonlyMap<string, number>>;
  readonly unreadableJobs: number;
  /** Dead letters of the intake, wherever they stand. */
  readonly deadLetters: number;
  /** The part of them that stands in the history, by source. */
  readonly filedLetters: ReadonlyMap<string, number>;
};

export async function readIntakeNumbers(redis: Redis, tag: string): Promise<IntakeNumbers> {
  // One transaction: the book of jobs is exact under traffic. A Redis that is out of memory refuses it, and answers the same reads
  // one by one.
  const ask = (asked: ChainableCommander): ChainableCommander => {
    for (const name of QUEUES) {
      const queue = `${tag}:${name}:`;
      asked
        .get(`${queue}id`)
        .hget(`${queue}metrics:completed`, "count")
        .llen(`${queue}wait`)
        .llen(`${queue}paused`)
        .lrange(`${queue}active`, 0, -1)
        .zcard(`${queue}delayed`)
        .zcard(`${queue}failed`)
        .lindex(`${queue}wait`, -1)
        .zrange(`${queue}delayed`, "0", "0");
    }
    return asked.hgetall(`${tag}:books`).get(`${tag}:webhooks`).get(`${tag}:bytes`).hlen(`${tag}:dead`);
  };
  const answered = await ask(redis.multi())
    .exec()
    .catch(async (error: unknown) => {
      if (!String(error).includes("EXECABORT")) throw error;
      return await ask(redis.pipeline()).exec();
    });
  const answers = (answered ?? []).map(([, value]) => value);
  const sums = { added: 0, completed: 0, waiting: 0, active: 0, delayed: 0, failed: 0 };
  const looks: Promise<string | null>[] = [];
  for (const [index, name] of QUEUES.entries()) {
    const [added, completed, wait, paused, active, delayed, failed, oldest, due] = answers.slice(
      index * 9,
      index * 9 + 9,
    );
    sums.added += Number(added ?? 0);
    sums.completed += Number(completed ?? 0);
    sums.waiting += Number(wait) + Number(paused);
    sums.active += (active as string[]).length;
    sums.delayed += Number(delayed);
    sums.failed += Number(failed);
    for (const id of [oldest, ...(active as string[]), ...(due as string[])]) {
      // A job that waits because the queue is idle is marked by a marker with this id.
      if (typeof id === "string") looks.push(redis.hget(`${tag}:${name}:${id}`, "timestamp"));
    }
  }
  const times = (await Promise.all(looks)).flatMap((time) => (time === null ? [] : [Number(time)]));
  const [books, webhooks, bytes, dead] = answers.slice(QUEUES.length * 9) as [
    Record<string, string>,
    string,
    string,
    number,
  ];
  const by = (what: string): ReadonlyMap<string, number> =>
    new Map(
      Object.entries(books).flatMap(([name, count]) =>
        name.startsWith(`${what}:`) ? [[name.slice(what.length + 1), Number(count)] as const] : [],
      ),
    );
  const filed = filedBySource(readFiledCounts(books));
  return {
    jobs: sums,
    waitingWebhooks: Number(webhooks ?? 0),
    waitingBytes: Number(bytes ?? 0),
    oldestMs: times.length === 0 ? null : Math.min(...times),
    understood: by("understood"),
    results: new Map(RESULTS.map((result) => [result, by(result)])),
    unreadableJobs: Number(books["unreadable"] ?? 0),
    deadLetters: [...filed.values()].reduce((sum, letters) => sum + letters, dead),
    filedLetters: filed,
  };
}

/** The first two of the three books, held against themselves. */
export type IntakeBooks = {
  /** Added = completed + waiting + active + delayed + failed + missing. */
  readonly jobs: IntakeNumbers["jobs"] & { readonly missing: number };
  /** By source: understood = made + duplicate + ignored + dead + missing. */
  readonly events: readonly {
    readonly source: string;
    readonly understood: number;
    readonly results: Readonly<Record<Result, number>>;
    readonly missing: number;
  }[];
  readonly balanced: boolean;
};

export function intakeBooks({ jobs, understood, results }: IntakeNumbers): IntakeBooks {
  const { added, completed, waiting, active, delayed, failed } = jobs;
  const missing = added - completed - waiting - active - delayed - failed;
  const sources = new Set([...understood.keys(), ...[...results.values()].flatMap((bySource) => [...bySource.keys()])]);
  const events = [...sources].toSorted().map((source) => {
    const all = understood.get(source) ?? 0;
    const ended = RESULTS.map((result) => [result, results.get(result)?.get(source) ?? 0] as const);
    return {
      source,
      understood: all,
      results: Object.fromEntries(ended) as Record<Result, number>,
      missing: all - ended.reduce((sum, [, count]) => sum + count, 0),
    };
  });
  return { jobs: { ...jobs, missing }, events, balanced: missing === 0 && events.every((row) => row.missing === 0) };
}
