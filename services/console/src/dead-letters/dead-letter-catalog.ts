import { HistoryAwayError, hashedName, type FiledLetter, type FiledLetterFilter, type History } from "@sluice/history";
import {
  allLanes,
  filedInArchive,
  wantsDeadLetter,
  type DeadLetterFilter,
  type Fleet,
  type FiledLetters,
} from "@sluice/operator";
import { INTAKE, isOfRecord, type DeadLetter, type Queue } from "@sluice/queue";
import type { DeadLetterGroup } from "../contract/dead-letter.ts";
import { groupsOf, joinGroups } from "./dead-letter-groups.ts";
import type { DeadLetterIndex } from "./dead-letter-index.ts";
import { indexed, type IndexedDeadLetter } from "./dead-letter-row.ts";

/** Which letters a question is about; `group`: a cause's id. */
export type CatalogFilter = DeadLetterFilter & { readonly group?: string | undefined };

/** Dead letters in Redis and in the history, each once. */
export type DeadLetterCatalog = {
  /** By cause, the largest first; `letters` counts all. */
  groups(
    filter: CatalogFilter,
  ): Promise<{ readonly groups: readonly DeadLetterGroup[]; readonly letters: number } & Reach>;
  /** The newest first by their times. */
  page(
    filter: CatalogFilter,
    asked: { readonly after: { readonly at: string; readonly id: string } | null; readonly limit: number },
  ): Promise<{ readonly letters: readonly IndexedDeadLetter[]; readonly isMore: boolean } & Reach>;
  /** Letters for a plan, the newest first, read anew: up to so many, and how many there are. */
  choose(
    filter: CatalogFilter,
    most: number,
  ): Promise<{ readonly letters: readonly PlannedLetter[]; readonly all: number } & Reach>;
  /** Letters that stand in the history; null: none is kept here. */
  readonly filed: FiledLetters | null;
  /** Something was done with letters. */
  forget(): void;
};

/** `unreached`: letters in the history, which can't be asked now; they are in none of the answer. */
export type Reach = { readonly unreached: number };

/** A letter of a plan. `row`: as a list shows it, for those that a plan shows. */
export type PlannedLetter = Pick<IndexedDeadLetter, "id" | "at" | "kind" | "destination"> & {
  readonly row: IndexedDeadLetter | null;
};

export function openDeadLetterCatalog({
  queue,
  history,
  index,
  fleet,
}: {
  readonly queue: Queue;
  readonly history: History | null;
  readonly index: DeadLetterIndex;
  readonly fleet: () => Fleet;
}): DeadLetterCatalog {
  const inRedis = queue.letters.filed;

  /**
   * The letters that Redis has, then what it says of the rows of the history, which are read after that: a letter that leaves meanwhile is
   * among one of them.
   */
  async function live(filter: CatalogFilter) {
    const all = await index.all();
    const [rows, counts] = await Promise.all([inRedis.rows(), inRedis.counts()]);
    return {
      letters: all.filter((row) => wants(filter, row)),
      standing: { ...rows, ids: all.filter((row) => row.kind !== "record").map(({ id }) => id) },
      filed: counts.reduce((sum, { letters }) => sum + letters, 0),
    };
  }

  /** Asks the history, where Redis knows of letters there. @throws MissingKeyError */
  async function ask<T>(
    { filed, standing }: Awaited<ReturnType<typeof live>>,
    none: T,
    work: (letters: History["letters"]) => Promise<T>,
  ): Promise<{ readonly found: T } & Reach> {
    if (filed === 0 && standing.left.length === 0) return { found: none, unreached: 0 };
    if (history === null) return { found: none, unreached: filed };
    try {
      return { found: await work(history.letters), unreached: 0 };
    } catch (error) {
      if (error instanceof HistoryAwayError) return { found: none, unreached: filed };
      throw error;
    }
  }

  async function rowOf({ destination, text }: FiledLetter): Promise<IndexedDeadLetter> {
    return indexed({ ...(JSON.parse(text) as DeadLetter), destination: await inRedis.destinationNow(destination) });
  }

  return {
    async groups(filter) {
      const now = await live(filter);
      const { found, unreached } = await ask(now, { groups: [], letters: 0 }, async (letters) => {
        return await letters.groups(archiveFilter(filter), now.standing);
      });
      const filed = await Promise.all(
        found.groups.map(async ({ cause, letters, firstAtMs, lastAtMs, newest }) => {
          const [group] = groupsOf([await rowOf(newest)]);
          const times = { firstAt: new Date(firstAtMs).toISOString(), lastAt: new Date(lastAtMs).toISOString() };
          return { ...group!, ...times, id: cause, count: letters };
        }),
      );
      return {
        groups: joinGroups([...groupsOf(now.letters), ...filed]),
        letters: now.letters.length + found.letters,
        unreached,
      };
    },
    async page(filter, { after, limit }) {
      const now = await live(filter);
      const inLine = now.letters.filter(
        ({ at, id }) => after === null || at < after.at || (at === after.at && id < after.id),
      );
      const { found, unreached } = await ask(now, [] as IndexedDeadLetter[], async (letters) => {
        const rows: IndexedDeadLetter[] = [];
        let before = after === null ? null : { value: Date.parse(after.at), id: after.id };
        do {
          const asked = { by: "at", before, limit: limit + 1 - rows.length } as const;
          const page = await letters.page(archiveFilter(filter), now.standing, asked);
          rows.push(...(await Promise.all(page.letters.map(rowOf))));
          before = page.next;
        } while (before !== null && rows.length <= limit);
        return rows;
      });
      const all = [...inLine.slice(0, limit + 1), ...found].toSorted(newestByTime);
      return { letters: all.slice(0, limit), isMore: all.length > limit, unreached };
    },
    async choose(filter, most) {
      index.forget();
      const now = await live(filter);
      const names = [...(await allLanes(fleet())), INTAKE];
      const byHash = new Map(names.map((name) => [hashedName("destination", name), name]));
      const { found, unreached } = await ask(now, { all: 0, letters: [] as PlannedLetter[] }, async (letters) => {
        const wanted = archiveFilter(filter);
        const { letters: all } = await letters.groups(wanted, now.standing);
        const chosen = await letters.choose(wanted, now.standing, most);
        return {
          all,
          letters: chosen.map(({ id, atMs, destination: hash }): PlannedLetter => {
            const destination = byHash.get(hash) ?? "";
            return { id, at: new Date(atMs).toISOString(), kind: kindById(id, destination), destination, row: null };
          }),
        };
      });
      const both = [...now.letters.map(planned), ...found.letters].toSorted(newestByTime);
      return { letters: both.slice(0, most), all: now.letters.length + found.all, unreached };
    },
    filed: history === null ? null : filedInArchive(history.letters, inRedis),
    forget: () => index.forget(),
  };
}

export function planned(row: IndexedDeadLetter): PlannedLetter {
  const { id, at, kind, destination } = row;
  return { id, at, kind, destination, row };
}

type Timed = { readonly at: string; readonly id: string };
function newestByTime(a: Timed, b: Timed): number {
  return a.at === b.at ? (a.id < b.id ? 1 : -1) : a.at < b.at ? 1 : -1;
}

/** The kind of a letter that stands in the history, of which only the id is known. */
function kindById(id: string, destination: string): IndexedDeadLetter["kind"] {
  if (destination === INTAKE) return id.startsWith("j_") ? "job" : "webhook";
  return isOfRecord({ id, destination }) ? "record" : "event";
}

function archiveFilter({ group, ...filter }: CatalogFilter): FiledLetterFilter {
  const given = Object.entries(filter).filter(([, value]) => value !== undefined);
  return { ...(Object.fromEntries(given) as FiledLetterFilter), cause: group };
}

function wants({ group, ...filter }: CatalogFilter, row: IndexedDeadLetter): boolean {
  if (group !== undefined && group !== row.group) return false;
  return wantsDeadLetter(filter, {
    ...row,
    key: row.record === null ? null : { by: row.record.by, value: row.record.key },
    reason: { code: row.code, message: row.message },
    events: row.sources.map((source) => ({ source, id: "" })),
  });
}
