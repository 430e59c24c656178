import type { Database } from "@sluice/runtime";
import type { HistoryDatabase } from "../store/connection.ts";
import { dayOf, makeDay } from "../store/days.ts";
import { openLetter, packLetter, type LetterRow } from "./letter-body.ts";
import { hashedName } from "./letter-names.ts";
import { LIMITS } from "../limits.ts";

/** A letter that is to be filed: `text` as Redis has it. `isRest`: Redis keeps it, without its heavy part. */
export type LetterToWrite = {
  readonly id: string;
  readonly micros: number;
  readonly atMs: number;
  readonly isRest: boolean;
  readonly names: Readonly<Record<"destination" | "object" | "source" | "code" | "key", string>>;
  readonly cause: string;
  readonly text: string;
};

export type FilingBatch = { readonly keeper: string; readonly batch: string };

export type Written = {
  readonly filing: string;
  readonly day: string;
  readonly rows: readonly string[];
  readonly older: ReadonlyMap<
    string,
    readonly { readonly row: string; readonly day: string; readonly micros: string }[]
  >;
};

/** Writes letters in a filing of their own. Until that is settled nobody counts their rows. */
export async function writeLetters(
  on: HistoryDatabase,
  { keeper, batch }: FilingBatch,
  letters: readonly LetterToWrite[],
  day: string,
): Promise<Written> {
  const ids = letters.flatMap(({ id, isRest }) => (isRest ? [] : [id]));
  return await on.transaction(async (tx) => {
    const [filing] = await tx.query<{ number: string }>(
      "insert into sluice_history.letter_filings (keeper, batch) values ($1, $2) returning number",
      [keeper, batch],
    );
    const numbers = await tx.query<{ number: string }>(
      "select nextval('sluice_history.dead_letter_numbers')::int8 as number from generate_series(1, $1::int)",
      [letters.length],
    );
    const older = await olderLetters(tx, ids);
    const rows = await Promise.all(
      letters.map(async ({ id, micros, atMs, isRest, names, cause, text }, at) => {
        const row = { number: numbers[at]!.number, id, kept_micros: String(micros), at_ms: String(atMs) };
        const body = await packLetter(on, row, { destination: names.destination, text });
        return { ...row, rest: String(isRest), names, cause, body: Buffer.from(body).toString("base64") };
      }),
    );
    // One statement for all of them: a statement for each costs as much as three rows.
    await tx.query(
      `insert into sluice_history.dead_letters
         (day, filing, number, rest, id, kept_micros, at_ms, destination, object, source, code, key, cause, body)
       select $1::date, $2::int8, number, rest::bool, id, kept_micros, at_ms, destination, object, source, code, key, cause,
              decode(body, 'base64')
         from unnest($3::int8[], $4::text[], $5::text[], $6::int8[], $7::int8[], $8::text[], $9::text[], $10::text[],
                     $11::text[], $12::text[], $13::text[], $14::text[])
           as t (number, rest, id, kept_micros, at_ms, destination, object, source, code, key, cause, body)`,
      [
        day,
        filing!.number,
        rows.map(({ number }) => number),
        rows.map(({ rest }) => rest),
        rows.map(({ id }) => id),
        rows.map(({ kept_micros: kept }) => kept),
        rows.map(({ at_ms: at }) => at),
        ...(["destination", "object", "source", "code", "key"] as const).map((kind) =>
          rows.map(({ names }) => hashedName(kind, names[kind])),
        ),
        rows.map(({ cause }) => cause),
        rows.map(({ body }) => body),
      ],
    );
    return { filing: filing!.number, day, rows: numbers.map(({ number }) => number), older };
  });
}

/** Good rows of letters with these ids. */
export async function olderLetters(on: Database, ids: readonly string[]): Promise<Written["older"]> {
  const rows = await on.query<{ id: string; row: string; day: string; micros: string }>(
    `select id, number as row, day, kept_micros as micros from sluice_history.dead_letters
      where id = any($1::text[]) and not rest and filing not in (select number from sluice_history.letter_filings)`,
    [ids],
  );
  return Map.groupBy(rows, ({ id }) => id);
}

/** Settles the filings of a keeper before a batch, and the named one: rows of `left` are good, the others go. */
export async function settleFilings(
  on: Database,
  { keeper, batch }: FilingBatch,
  filing: string | null,
  left: readonly string[],
): Promise<void> {
  await on.transaction(async (tx) => {
    const ended = await tx.query<{ number: string }>(
      `delete from sluice_history.letter_filings
        where keeper = $1 and (batch < $2::int8 or number = $3::int8) returning number`,
      [keeper, batch, filing],
    );
    if (ended.length === 0) return;
    await tx.query(
      "delete from sluice_history.dead_letters where filing = any($1::int8[]) and number <> all($2::int8[])",
      [ended.map(({ number }) => number), left],
    );
  });
}

/** Makes the day of today, in which letters are written next. */
export async function makeLetterDay(on: Database, nowMs: number): Promise<string> {
  const day = dayOf(nowMs);
  await makeDay(on, day);
  return day;
}

type Renamed = LetterRow & { body: Uint8Array };

/** Gives the letters of a destination to another one, page by page: broken off, it goes on with the rest. @returns how many */
export async function renameLetters(
  on: HistoryDatabase,
  from: string,
  to: string,
  causeOf: (letter: string) => string,
): Promise<number> {
  for (let renamed = 0, after = "0"; ;) {
    const page = await on.query<Renamed>(
      `select number, id, kept_micros, at_ms, body from sluice_history.dead_letters
        where destination = $1 and number > $2::int8 order by number limit $3`,
      [hashedName("destination", from), after, LIMITS.lettersAtOnce],
    );
    if (page.length === 0) return renamed;
    const opened = await Promise.all(page.map(async (row) => await openLetter(on, row, row.body)));
    await on.transaction(async (tx) => {
      for (const [at, row] of page.entries()) {
        const body = opened[at];
        const rewritten = body == null ? null : await packLetter(on, row, { destination: to, text: body.text });
        await tx.query(
          `update sluice_history.dead_letters
              set destination = $2, cause = coalesce($3, cause), body = coalesce($4, body) where number = $1`,
          [row.number, hashedName("destination", to), body == null ? null : causeOf(body.text), rewritten],
        );
      }
    });
    renamed += page.length;
    after = page.at(-1)!.number;
  }
}
