import { z } from "zod";
import {
  acting,
  findDeadLetter,
  hasEdit,
  nameDeadLetters,
  NO_EDIT,
  wholeDeadLetter,
  type Fleet,
  type DeadLetterEdit,
} from "@sluice/operator";
import { HistoryAwayError, MissingKeyError } from "@sluice/history";
import type { DeadLetter, DeadLetterPosition, PositionedDeadLetter } from "@sluice/queue";
import { SluiceError } from "@sluice/runtime";
import { writeCursor, readCursor } from "../api/cursor.ts";
import { Fault } from "../api/fault.ts";
import { instantOf } from "../api/instant.ts";
import { route, type Route } from "../api/operation.ts";
import { OPERATIONS } from "../api/operations.ts";
import type { DeadLetterFilterJson } from "../contract/dead-letter.ts";
import { LIMITS } from "../limits.ts";
import { actorOf, type LiveState } from "../live-state.ts";
import type { FleetWatch } from "../now/fleet-watch.ts";
import { quotasNow } from "../now/quotas.ts";
import type { FleetTasks } from "../tasks/fleet-tasks.ts";
import { planned, type CatalogFilter, type DeadLetterCatalog, type PlannedLetter } from "./dead-letter-catalog.ts";
import { carryOut, editFromJson, planDeadLetters, takePlan } from "./dead-letter-plan.ts";
import { editableOf, indexed, rowOf, wholeOf } from "./dead-letter-row.ts";

export type DeadLetterRouteOptions = LiveState & {
  readonly watch: FleetWatch;
  readonly fleetTasks: FleetTasks;
  readonly letters: DeadLetterCatalog;
};

const place = z.object({ at: z.iso.datetime(), id: z.string().max(200) });

export function deadLetterRoutes({
  queue,
  configuration,
  watch,
  fleetTasks,
  letters: catalog,
  clock,
}: DeadLetterRouteOptions): readonly Route[] {
  const fleet = (): Fleet => ({ configuration: configuration(), queue, filed: catalog.filed });

  function filterOf({ group, since, until, ...filter }: DeadLetterFilterJson): CatalogFilter {
    const nowMs = clock.nowMs();
    return { ...filter, group, sinceMs: instantOf("since", since, nowMs), untilMs: instantOf("until", until, nowMs) };
  }

  async function named(ids: readonly string[]): Promise<readonly PlannedLetter[]> {
    const letters = await Promise.all([...new Set(ids)].map(async (id) => await asked(findDeadLetter(fleet(), id))));
    return letters.flatMap((letter) => (letter === null ? [] : [planned(indexed(letter))]));
  }

  /** @throws Fault `dead_letter_unknown`, `history_away` */
  async function whole(id: string): Promise<DeadLetter> {
    const letter = await asked(findDeadLetter(fleet(), id));
    if (letter === null) throw new Fault("dead_letter_unknown", `there is no dead letter ${id}`);
    // Without the history the short letter of a record still tells most.
    return await asked(wholeDeadLetter(fleet(), letter)).catch(() => letter);
  }

  return [
    route(OPERATIONS.groupLetters, async ({ query }) => {
      const { groups, ...told } = await asked(catalog.groups(filterOf(query)));
      return { groups: [...groups], ...told };
    }),
    route(OPERATIONS.findLetters, async ({ query: { limit, cursor, ...filter } }) => {
      const after = readCursor(cursor, place);
      const { letters, isMore, unreached } = await asked(catalog.page(filterOf(filter), { after, limit }));
      const items = letters.map(rowOf);
      const last = items.at(-1);
      const next = isMore && last !== undefined ? writeCursor({ at: last.at, id: last.id }) : null;
      return { items, next, searchedTo: null, unreached };
    }),
    route(OPERATIONS.findFiledLetters, async ({ query: { after, limit, ...filter } }) => {
      const found = catalog.filed?.newest(filterOf(filter), readListPosition(after)) ?? none();
      const items: PositionedDeadLetter[] = [];
      const read = async (): Promise<void> => {
        for await (const each of found) if (items.push(each) > limit) return;
      };
      await asked(read());
      const next = items.length > limit ? (items[limit - 1]?.place ?? null) : null;
      return { items: items.slice(0, limit), next };
    }),
    route(OPERATIONS.getFiledLetter, async ({ path: { id = "" }, query: { row } }) => {
      if (row === undefined) return { letter: await asked(catalog.filed?.find(id) ?? nothing()) };
      const short = await findDeadLetter({ configuration: configuration(), queue }, id);
      return { letter: short?.row === row ? await asked(catalog.filed?.rest(short) ?? nothing()) : null };
    }),
    route(OPERATIONS.bringLetterBack, async ({ path: { id = "" } }) => {
      catalog.forget();
      return { found: (await asked(catalog.filed?.bringBack(id) ?? nothing())) ?? false };
    }),
    route(OPERATIONS.getLetter, async ({ path: { id = "" } }) => {
      return wholeOf(await whole(id));
    }),
    route(OPERATIONS.planLetters, async ({ body: { act, selection, edit } }) => {
      const wanted = edit === undefined ? NO_EDIT : editFromJson(edit);
      const { letters, all, unreached } =
        "ids" in selection
          ? await named(selection.ids).then((found) => ({ letters: found, all: found.length, unreached: 0 }))
          : await asked(catalog.choose(filterOf(selection.filter), LIMITS.plannedLetters));
      await assertEditable(fleet(), letters, act, wanted);
      const requestsPerMinute = await quotasNow(watch, configuration());
      const context = { temporaryTexts: queue.temporaryTexts, clock, requestsPerMinute };
      const planning = { act, chosen: letters, more: all - letters.length, unreached, edit: wanted };
      return await asked(planDeadLetters(fleet(), planning, context)).catch(asFault);
    }),
    route(OPERATIONS.carryOutLetters, async ({ body: { plan, reason }, caller }) => {
      const by = actorOf(caller, reason);
      const kept = await takePlan(queue.temporaryTexts, plan);
      const action = `letters.${kept.act}`;
      const target = kept.letters.length === 1 ? kept.letters[0]!.id : `${kept.letters.length} dead letters`;
      // A short task may end before its begin is noted.
      const noted = Promise.withResolvers<void>();
      const names = nameDeadLetters();
      const { task } = await acting(queue, by, { action, target }, async () => {
        const begun = await fleetTasks.begin({
          kind: `letters.${kept.act}`,
          by: by.actor,
          of: kept.letters.length,
          async run(progress) {
            await noted.promise;
            await carryOut(fleet, kept, progress, names.add);
          },
          async onEnd({ id, state, results }) {
            catalog.forget();
            const details = { task: id, results, letters: names.named() };
            await queue.acts.note({ ...by, action, target, reason: reason ?? null, result: state, details });
          },
        });
        return {
          word: "begun",
          task: begun,
          details: { task: begun.id, letters: kept.letters.length, edit: kept.edit },
        };
      }).finally(noted.resolve);
      return task;
    }),
  ];
}

async function* none(): AsyncIterable<never> {}
async function nothing(): Promise<null> {
  return await Promise.resolve(null);
}

/** @throws Fault `query_invalid` */
function readListPosition(text: string | undefined): DeadLetterPosition | undefined {
  if (text === undefined) return undefined;
  const [, micros, id] = /^(\d{1,16}):(.+)$/s.exec(text) ?? [];
  if (micros === undefined || id === undefined) throw new Fault("query_invalid", "after: give a place of this list");
  return { micros: Number(micros), id };
}

/** Waits for what asks the history. @throws Fault `history_away`, `history_key_missing` */
async function asked<T>(answer: Promise<T>): Promise<T> {
  return await answer.catch((error: unknown) => {
    if (error instanceof HistoryAwayError) throw new Fault("history_away", error.message, { cause: error });
    if (error instanceof MissingKeyError) throw new Fault(error.code, error.message, { cause: error });
    throw error;
  });
}

/** @throws Fault `edit_invalid` */
async function assertEditable(
  fleet: Fleet,
  letters: readonly PlannedLetter[],
  act: "replay" | "discard",
  edit: DeadLetterEdit,
): Promise<void> {
  if (!hasEdit(edit)) return;
  if (act === "discard") throw new Fault("edit_invalid", "what is discarded is not edited");
  if (letters.length !== 1)
    throw new Fault("edit_invalid", `an edit is for one dead letter, and ${letters.length} are chosen`);
  const letter = await findDeadLetter(fleet, letters[0]!.id);
  if (letter !== null && editableOf(letter) === "no") throw new Fault("edit_invalid", "it is replayed as it came");
}

function asFault(error: unknown): never {
  if (error instanceof SluiceError && error.code === "edit_invalid") {
    throw new Fault("edit_invalid", error.message, { cause: error });
  }
  throw error;
}
