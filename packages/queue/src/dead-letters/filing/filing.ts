import {
  FILE_AGAIN_MS,
  FILE_BYTES,
  FILE_FROM,
  FILE_LETTERS,
  FILE_LONGEST_PAUSE_MS,
  FILE_LOOK_MS,
  FILE_TEND_MS,
  FILE_TO,
} from "../../limits.ts";
import { causeOf } from "../cause.ts";
import { deadLetterShares, roomOfSource } from "../dead-letter-quota.ts";
import type { DeadLetterPosition } from "../dead-letter-store.ts";
import { readDeadLetter, shortenDeadLetter, type DeadLetter } from "../dead-letter.ts";
import { isOfRecord } from "../dead-letters.ts";
import type { LetterArchive, LetterToFile } from "./letter-archive.ts";
import type { FiledCount, LetterPlace, OldestLetters } from "./letter-place.ts";

export type FilingOptions = {
  readonly archive: LetterArchive;
  /** Whether letters of the source, and this one, may stand in the history. */
  readonly mayFile: { source(name: string): boolean; letter(letter: DeadLetter): boolean };
  /** Letters that went with days which the history dropped. */
  readonly onDropped: (dropped: readonly FiledCount[]) => void;
  readonly onFiled?: (letters: number, bytes: number) => void;
  readonly onError: (error: Error) => void;
};

export type FilingParts = {
  /** The places of which letters leave: those of the lanes that this worker serves, and the intake. */
  readonly places: () => Promise<readonly LetterPlace[]>;
  /** The places of every lane that there is. */
  readonly allPlaces: () => Promise<readonly LetterPlace[]>;
  readonly renames: LetterRenames;
  readonly budgetBytes: () => number | null;
  /** Whether this process is the one of the fleet that files. */
  readonly isLeader: () => Promise<boolean>;
};

/** Destinations whose letters in the history are another one's by now: `sluice move` gave their lanes to it. */
export type LetterRenames = {
  read(): Promise<ReadonlyMap<string, string>>;
  done(from: string, to: string): Promise<void>;
};

export type Filing = { close(): void };

/**
 * Files letters from now on: once those of a source take more than a quarter of its room in Redis, the oldest of them leave for the
 * history until they take a fifth.
 *
 * 1. A batch is begun at the lane; from then on nothing leaves it in an earlier one.
 * 2. The letters are written to the history, and committed. Nobody counts their rows.
 * 3. One script takes out each that is still the same, counts it, and remembers its row (file_take.lua).
 * 4. The history is told which rows are good, and Redis forgets them.
 *
 * Whoever dies in between leaves the rest to the next batch: rows whose letters have left are made good, others are deleted. Two
 * processes that both take themselves for the one that files do no harm: the batch of one of them is closed.
 */
export function startFiling(parts: FilingParts, options: FilingOptions): Filing {
  const filing = createFiling(parts, options);
  let looking = false;
  let pauseUntil = 0;
  let pauseMs = 0;
  const look = async (): Promise<void> => {
    if (looking || performance.now() < pauseUntil) return;
    looking = true;
    try {
      // While letters come in faster than a look's time, one look follows the other.
      while ((await filing.look()) > 0);
      pauseMs = 0;
    } catch (error) {
      pauseMs = Math.min(Math.max(pauseMs * 2, FILE_LOOK_MS * 4), FILE_LONGEST_PAUSE_MS);
      pauseUntil = performance.now() + pauseMs;
      options.onError(error instanceof Error ? error : new Error(String(error)));
    } finally {
      looking = false;
    }
  };
  const timer = setInterval(() => void look(), FILE_LOOK_MS);
  timer.unref();
  return {
    close() {
      clearInterval(timer);
      filing.stop();
    },
  };
}

/** One look after the other. @throws what Redis or the history throws */
export function createFiling(parts: FilingParts, { archive, mayFile, onDropped, onFiled }: FilingOptions) {
  /** By place and source, how far letters were looked at that stay. */
  const walked = new Map<string, { readonly place: DeadLetterPosition; readonly atMs: number }>();
  /** By place and source, how far letters were held against earlier ones with their ids. */
  const compared = new Map<string, DeadLetterPosition>();
  let tendedAt = -Infinity;
  let stopped = false;

  /** @returns the bytes that have left */
  async function look(): Promise<number> {
    const isDue = performance.now() - tendedAt >= FILE_TEND_MS;
    const wanted = await excess();
    if ((wanted.length === 0 && !isDue) || !(await parts.isLeader())) return 0;
    if (isDue) {
      await tend();
      tendedAt = performance.now();
    }
    let left = 0;
    for (const { place, source, bytes } of wanted) left += await fileSome(place, source, bytes);
    return left;
  }

  /** The bytes that are to leave, by place and source. */
  async function excess(): Promise<readonly { place: LetterPlace; source: string; bytes: number }[]> {
    const places = await parts.places();
    const held = await Promise.all(places.map(async (place) => ({ place, bytes: await place.bytes() })));
    const sums = new Map<string, number>();
    for (const { bytes } of held) for (const [source, by] of bytes) sums.set(source, (sums.get(source) ?? 0) + by);
    const budget = parts.budgetBytes();
    const room = roomOfSource(sums.size, budget);
    return [...deadLetterShares(sums, budget)].flatMap(([source, share]) => {
      if (share <= FILE_FROM || !mayFile.source(source)) return [];
      let left = (share - FILE_TO) * room;
      return held.flatMap(({ place, bytes }) => {
        const some = Math.min(left, bytes.get(source) ?? 0);
        left -= some;
        return some > 0 ? [{ place, source, bytes: some }] : [];
      });
    });
  }

  async function fileSome(place: LetterPlace, source: string, bytes: number): Promise<number> {
    const name = `${place.tag} ${source}`;
    const before = walked.get(name);
    // Letters that stayed are looked at again now and then: one may have been brought back.
    let after = before !== undefined && performance.now() - before.atMs < FILE_AGAIN_MS ? before.place : null;
    let left = bytes;
    while (left > 0) {
      if (stopped) break;
      const page = await place.oldest(source, after, FILE_LETTERS);
      if (page.next === null) break;
      const some = portion(page.letters, left);
      left -= await file(place, source, some);
      after = some.length === page.letters.length ? page.next : some.at(-1)!;
      walked.set(name, { place: { micros: after.micros, id: after.id }, atMs: before?.atMs ?? performance.now() });
    }
    if (after === null || performance.now() - (walked.get(name)?.atMs ?? 0) >= FILE_AGAIN_MS) walked.delete(name);
    return bytes - left;
  }

  /** @returns the bytes that have left */
  async function file(place: LetterPlace, source: string, read: OldestLetters["letters"]): Promise<number> {
    const letters = read.flatMap(({ id, micros, text }) => {
      const letter = { ...readDeadLetter(text), destination: place.destination };
      const isRest = isOfRecord(letter);
      const isLeft = !mayFile.letter(letter) || (isRest && shortenDeadLetter(letter, "") === null);
      return isLeft ? [] : [{ letter, written: toFile(letter, { micros, source, text, isRest }, id) }];
    });
    if (letters.length === 0) return 0;
    const { batch, left } = await place.begin();
    const of = { keeper: place.tag, batch };
    await archive.settle(of, null, left);
    await place.end(left);
    const { filing, day, rows, older } = await archive.write(
      of,
      letters.map(({ written }) => written),
    );
    const shorts = letters.map(({ letter, written }, at) =>
      written.isRest ? shortenDeadLetter(letter, rows[at]!) : null,
    );
    const words = await place.take(
      batch,
      day,
      letters.map(({ written: { id, micros } }, at) => ({
        id,
        micros,
        row: rows[at]!,
        short: shorts[at]!,
        older: shorts[at] === null ? (older.get(id) ?? []) : [],
      })),
    );
    // Another process files here by now, and has settled this filing or will.
    if (words === "closed") return 0;
    const gone = rows.filter((_, at) => words[at] !== "kept");
    await archive.settle(of, filing, gone);
    await place.end(rows.filter((_, at) => words[at] === "taken"));
    const replaced = letters.flatMap(({ written: { id } }, at) => (words[at] === "taken" ? (older.get(id) ?? []) : []));
    if (replaced.length > 0) await archive.forget(replaced.map(({ row }) => row));
    const freed = words.map((word, at) => {
      if (word === "kept") return 0;
      return Buffer.byteLength(letters[at]!.written.text) - Buffer.byteLength(shorts[at] ?? "");
    });
    const bytes = freed.reduce((sum, each) => sum + each, 0);
    onFiled?.(gone.length, bytes);
    return bytes;
  }

  /** Ends what others began and left: filings, acts for which letters were brought back, renames, days that are dropped. */
  async function tend(): Promise<void> {
    await rename();
    for (const place of await parts.allPlaces()) {
      const { left, over } = await place.standing();
      if (left.length > 0) {
        const { batch, left: all } = await place.begin();
        await archive.settle({ keeper: place.tag, batch }, null, all);
        await place.end(all);
      }
      if (over.length > 0) {
        await archive.forget(over);
        await place.forgotten(over);
      }
      await place.letGo();
      await dropCounts(place);
      await giveWay(place);
    }
  }

  /** An event that failed again since its letter was filed has a newer one here, before which the other gives way. */
  async function giveWay(place: LetterPlace): Promise<void> {
    if ((await place.counts()).length === 0) return;
    for (const source of (await place.bytes()).keys()) {
      const name = `${place.tag} ${source}`;
      for (;;) {
        const { letters, next } = await place.oldest(source, compared.get(name) ?? null, FILE_LETTERS);
        if (next === null) break;
        const older = await archive.older(letters.map(({ id }) => id));
        for (const newer of letters) {
          for (const row of older.get(newer.id) ?? []) {
            await place.giveWay(row, newer);
            await archive.forget([row.row]);
            await place.forgotten([row.row]);
          }
        }
        compared.set(name, next);
      }
    }
  }

  async function rename(): Promise<void> {
    const renames = await parts.renames.read();
    for (const from of renames.keys()) {
      const to = renamed(renames, from);
      const causeThere = (text: string): string => causeOf({ ...readDeadLetter(text), destination: to });
      await archive.rename(from, to, causeThere);
    }
    for (const [from, to] of renames) await parts.renames.done(from, to);
  }

  /** The days are read after the counts: a day is made before a letter is counted in it. */
  async function dropCounts(place: LetterPlace): Promise<void> {
    const counts = await place.counts();
    if (counts.length === 0) return;
    const days = new Set(await archive.days());
    const gone = counts.filter(({ day }) => !days.has(day));
    if (gone.length === 0) return;
    await place.dropCounts(gone);
    onDropped(gone);
  }

  return { look, tend, stop: () => void (stopped = true) };
}

/** The destination whose letters they are by now. */
export function renamed(renames: ReadonlyMap<string, string>, name: string): string {
  const seen = new Set<string>();
  let at = name;
  for (let next = renames.get(at); next !== undefined && !seen.has(at); next = renames.get(at)) {
    seen.add(at);
    at = next;
  }
  return at;
}

function toFile(
  letter: DeadLetter,
  { micros, source, text, isRest }: Pick<LetterToFile, "micros" | "text" | "isRest"> & { readonly source: string },
  id: string,
): LetterToFile {
  const { destination, object, reason, key } = letter;
  return {
    id,
    micros,
    atMs: Date.parse(letter.at),
    isRest,
    names: { destination, object, source, code: reason.code, key: key?.value ?? "" },
    cause: causeOf(letter),
    text,
  };
}

/** The first of these: one at least, no more text than is written together, and no more than is to leave. */
function portion(letters: OldestLetters["letters"], bytes: number): OldestLetters["letters"] {
  let room = Math.min(FILE_BYTES, bytes);
  const end = letters.findIndex(({ text }) => (room -= text.length) <= 0);
  return end === -1 ? letters : letters.slice(0, end + 1);
}
