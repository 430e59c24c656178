import type { Redis } from "ioredis";
import { run } from "../connection/connection.ts";
import { readDeadLetter, type DeadLetter } from "./dead-letter.ts";
import { DEAD_LETTER_PAGE } from "../limits.ts";

/** Where a letter stands among others: the newest first. */
export type DeadLetterPosition = { readonly micros: number; readonly id: string };
export type PositionedDeadLetter = { readonly letter: DeadLetter; readonly place: DeadLetterPosition };

/** The letters of one place, a lane or the intake, read in pages. A letter that comes or goes meanwhile may be missed. */
export type DeadLetterStore = {
  /** Letters, the newest first. `source`: only letters with an event of it. `after`: only letters behind this place. */
  newest(chosen?: {
    readonly source?: string | undefined;
    readonly after?: DeadLetterPosition | undefined;
  }): AsyncIterable<PositionedDeadLetter>;
  /** All letters, the newest first. */
  all(): AsyncIterable<DeadLetter>;
  find(id: string): Promise<DeadLetter | null>;
  /** @returns whether there was one */
  forget(id: string): Promise<boolean>;
  /** Takes in letters that an earlier release kept, and forgets those that it took away. */
  repair(): Promise<void>;
};

/** The sources whose events the letter holds, as the scripts take them: the letter counts against the first one's room. */
export function sourcesOf({ events }: Pick<DeadLetter, "events">): string {
  return [...new Set(events.map(({ source }) => source))].join(",");
}

/** Whether the stream of another source shows the letter: each letter is told once, in the stream of its first source. */
function isOthers({ events }: DeadLetter, source: string): boolean {
  return (events[0]?.source ?? "") !== source;
}

/** @param destination stands in each letter: a letter that was moved here still names the place that it came from */
export function createDeadLetterStore(redis: Redis, tag: string, destination: string): DeadLetterStore {
  const key = `${tag}:dead`;
  const read = (text: string): DeadLetter => ({ ...readDeadLetter(text), destination });

  async function* ofSource(source: string, after: DeadLetterPosition | undefined): AsyncIterable<PositionedDeadLetter> {
    let last = after;
    for (;;) {
      const page = await pageBehind(`${tag}:letters:${source}`, last);
      if (page.length === 0) return;
      last = page.at(-1)!;
      const texts = await redis.hmget(key, ...page.map(({ id }) => id));
      for (const [at, place] of page.entries()) {
        const text = texts[at];
        if (text != null) yield { letter: read(text), place };
      }
    }
  }

  /** Reads by score, so that letters which are taken away meanwhile shift nothing; few letters share a score. */
  async function pageBehind(
    index: string,
    last: DeadLetterPosition | undefined,
  ): Promise<readonly DeadLetterPosition[]> {
    for (let past = 0; ; past += DEAD_LETTER_PAGE) {
      const from = last === undefined ? "+inf" : String(last.micros);
      const flat = await redis.zrevrangebyscore(index, from, "-inf", "WITHSCORES", "LIMIT", past, DEAD_LETTER_PAGE);
      const places = flat.flatMap((id, at) => (at % 2 === 0 ? [{ id, micros: Number(flat[at + 1]) }] : []));
      const behind = places.filter((place) => last === undefined || isBehind(place, last));
      if (behind.length > 0 || places.length < DEAD_LETTER_PAGE) return behind;
    }
  }

  const kept: DeadLetterStore = {
    async *newest({ source, after } = {}) {
      if (source !== undefined) return yield* ofSource(source, after);
      const sources = await redis.hkeys(`${tag}:letter-bytes`);
      const streams = sources.map((each) => ofOne(ofSource(each, after), each));
      yield* newestFirst(streams);
    },
    async *all() {
      for await (const { letter } of kept.newest()) yield letter;
    },
    async find(id) {
      const text = await redis.hget(key, id);
      return text === null ? null : read(text);
    },
    forget: async (id) => Number(await run(redis, "sluice_forget_letter", tag, [id])) === 1,
    async repair() {
      const [letters, known] = await Promise.all([redis.hlen(key), redis.hlen(`${tag}:letters`)]);
      if (letters === known) return;
      await indexed(key, (id, text) => {
        const letter = readDeadLetter(text);
        return [id, sourcesOf(letter), Date.parse(letter.at) * 1000];
      });
      await indexed(`${tag}:letters`, (id) => [id, "", ""]);
    },
  };
  return kept;

  async function indexed(hash: string, row: (id: string, text: string) => readonly (string | number)[]): Promise<void> {
    let cursor = "0";
    do {
      const [next, flat] = await redis.hscan(hash, cursor, "COUNT", DEAD_LETTER_PAGE);
      cursor = next;
      const rows = flat.flatMap((id, at) => (at % 2 === 0 ? row(id, flat[at + 1]!) : []));
      if (rows.length > 0) await run(redis, "sluice_index_letters", tag, [rows.length / 3, ...rows]);
    } while (cursor !== "0");
  }

  async function* ofOne(
    stream: AsyncIterable<PositionedDeadLetter>,
    source: string,
  ): AsyncIterable<PositionedDeadLetter> {
    for await (const each of stream) if (!isOthers(each.letter, source)) yield each;
  }
}

function isBehind(place: DeadLetterPosition, last: DeadLetterPosition): boolean {
  return place.micros < last.micros || (place.micros === last.micros && place.id < last.id);
}

/** Joins streams that each have the newest letter first into one. */
export async function* newestFirst(
  streams: readonly AsyncIterable<PositionedDeadLetter>[],
): AsyncIterable<PositionedDeadLetter> {
  const heads = await Promise.all(
    streams.map(async (stream) => {
      const rest = stream[Symbol.asyncIterator]();
      return { rest, head: await rest.next() };
    }),
  );
  for (;;) {
    const living = heads.filter(({ head }) => head.done !== true);
    const [first, ...others] = living;
    if (first === undefined) return;
    const next = others.reduce(
      (best, each) => (isBehind(best.head.value.place, each.head.value.place) ? each : best),
      first,
    );
    const { value } = next.head;
    next.head = await next.rest.next();
    yield value;
  }
}
