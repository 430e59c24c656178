import type { Command } from "commander";
import {
  acting,
  nameDeadLetters,
  chosenDeadLetters,
  discardDeadLetter,
  explainWord,
  foreseeReplay,
  NO_EDIT,
  replayDeadLetter,
  wholeDeadLetter,
  type Fleet,
  type DeadLetterForecast,
  type DeadLetterResult,
  type DeadLetterFilter,
} from "@sluice/operator";
import { isOfEvent, isOfIntake, type DeadLetter, type PositionedDeadLetter } from "@sluice/queue";
import { SluiceError, systemClock } from "@sluice/runtime";
import { CONFIG_OPTION, type AddCommand, type Shell } from "../command.ts";
import { TOKEN_OPTION, URL_OPTION } from "../console/event-filters.ts";
import { counted } from "../terminal/counted.ts";
import { editFromOptions, isEdited, type EditOptions } from "../dead-letters/edit.ts";
import { requireDeadLetter, placeText, readListPosition } from "../dead-letters/choice.ts";
import {
  describeFilters,
  FILTER_OPTIONS,
  filterFromOptions,
  hasFilter,
  type Filters,
} from "../dead-letters/selection.ts";
import { withLetters } from "../dead-letters/filed-at-console.ts";
import type { ConsoleChoice } from "../console/console-client.ts";
import { invoker } from "../invoker.ts";
import { printable } from "../terminal/printable.ts";
import { createProgress } from "../terminal/progress.ts";
import { table } from "../terminal/table.ts";
import { wholeNumber } from "../whole-number.ts";

type Chosen = Filters &
  ConsoleChoice & {
    readonly config?: string;
    readonly all?: boolean;
    readonly dryRun?: boolean;
    readonly json?: boolean;
  };

export const deadCommands: AddCommand = (program, shell) => {
  const dead = program.command("dead").description("dead letters: what could not be applied, and why");

  filtered(dead.command("list").description("the dead letters, the newest first"))
    .option("--limit <n>", "so many at most: 100, or with --json all")
    .option("--after <place>", "those behind this one: what the page before it printed behind `more:`")
    .option("--json", "one JSON object a line, whole")
    .action(async (options: Chosen & Page) => {
      await withLetters(shell, options, async (fleet) => await list(fleet, options));
    });

  dead
    .command("show <id>")
    .description("all that is known of one: event, change, request, answer, reason")
    .option(...CONFIG_OPTION)
    .option(...URL_OPTION)
    .option(...TOKEN_OPTION)
    .option("--json", "as JSON")
    .action(async (id: string, options: ConsoleChoice & { config?: string; json?: boolean }) => {
      await withLetters(shell, options, async (fleet) => {
        const letter = await wholeDeadLetter(fleet, await requireDeadLetter(fleet, id));
        console.log(options.json === true ? JSON.stringify(letter, null, 2) : whole(letter));
      });
    });

  chooses(dead.command("replay [ids...]").description("sends dead letters again, as they are or edited"))
    .option("--set <path=value...>", "of one letter: a field of the record (or a member of the event), JSON or text")
    .option("--unset <path...>", "of one letter: leave this field (or member) out")
    .option("--edit <file>", "of one letter: the change (or the event) as JSON")
    .action(async (ids: string[], options: Chosen & EditOptions) => {
      await withLetters(shell, options, async (fleet) => {
        const chosen = chooseSome(fleet, ids, options, "replay");
        if (options.dryRun === true) return console.log(await plan(fleet, await upTo(chosen, MOST_SHOWN), options));
        const asked = { action: "letters.replay", target: describeChoice(ids, options) };
        if (!isEdited(options)) {
          return await carryOut(
            shell,
            fleet,
            asked,
            chosen,
            async (letter) => await replayDeadLetter(fleet, letter, NO_EDIT),
            options,
          );
        }
        const letters = await upTo(chosen, 2);
        const [only] = letters;
        if (only === undefined || letters.length > 1) {
          throw new SluiceError(
            `An edit is for one dead letter, and ${letters.length === 0 ? "none is" : "several are"} chosen`,
            {
              code: "edit_invalid",
              hint: "name one id: `sluice dead list` shows them",
            },
          );
        }
        const edit = editFromOptions(options, isOfEvent(only));
        const target = { ...asked, target: only.id };
        await carryOut(
          shell,
          fleet,
          target,
          eachOf(letters),
          async (letter) => await replayDeadLetter(fleet, letter, edit),
          options,
        );
      });
    });

  chooses(dead.command("discard [ids...]").description("drops dead letters: their values are never sent")).action(
    async (ids: string[], options: Chosen) => {
      await withLetters(shell, options, async (fleet) => {
        const letters = chooseSome(fleet, ids, options, "discard");
        if (options.dryRun === true) {
          const first = await upTo(letters, MOST_SHOWN);
          if (options.json === true) {
            for (const { id } of first) console.log(JSON.stringify({ id, would: "discard" }));
            return;
          }
          return console.log(
            `${listing(first)}\n\nThese would be discarded${first.length === MOST_SHOWN ? ", and more" : ""}.`,
          );
        }
        const asked = { action: "letters.discard", target: describeChoice(ids, options) };
        const discard = async (letter: DeadLetter) => await discardDeadLetter(fleet, letter);
        await carryOut(shell, fleet, asked, letters, discard, options);
      });
    },
  );
};

type Page = { readonly limit?: string; readonly after?: string };

const PAGE_LETTERS = 100;

async function list(fleet: Fleet, { json, limit, after, ...filters }: Chosen & Page): Promise<void> {
  const unlimited = json === true ? Infinity : PAGE_LETTERS;
  const most = limit === undefined ? unlimited : wholeNumber("--limit", limit);
  const from = after === undefined ? undefined : readListPosition(after);
  const shown: PositionedDeadLetter[] = [];
  let count = 0;
  let last: PositionedDeadLetter | undefined;
  let isMore = false;
  for await (const placed of chosenDeadLetters(fleet, filterFromOptions(filters, systemClock.nowMs()), from)) {
    isMore = count === most;
    if (isMore) break;
    count += 1;
    last = placed;
    // Letters are printed line by line: there may be more of them than fit into memory.
    if (json === true) console.log(JSON.stringify(placed.letter));
    else shown.push(placed);
  }
  if (json !== true) console.log(listing(shown.map(({ letter }) => letter)));
  if (isMore && last !== undefined) console.error(`more: --after ${placeText(last.place)}`);
}

async function* eachOf(letters: readonly DeadLetter[]): AsyncIterable<DeadLetter> {
  yield* letters;
}

function filtered(command: Command): Command {
  command
    .option(...CONFIG_OPTION)
    .option(...URL_OPTION)
    .option(...TOKEN_OPTION);
  for (const [flags, description] of FILTER_OPTIONS) command.option(flags, description);
  return command;
}

function chooses(command: Command): Command {
  return filtered(command)
    .option("--all", "all of them, where no id and no filter is given")
    .option("--json", "one object a line, of each letter what was done, or would be")
    .option("--dry-run", "show what would be done, and do nothing");
}

/** An act on many letters must have been asked for: no id, no filter and no `--all` chooses nothing. */
function chooseSome(fleet: Fleet, ids: readonly string[], options: Chosen, act: string): AsyncIterable<DeadLetter> {
  if (ids.length === 0 && !hasFilter(options) && options.all !== true) {
    throw new SluiceError(`Nothing says which dead letters to ${act}`, {
      code: "option_invalid",
      hint: "name ids, give a filter such as --code or --source, or --all; --dry-run shows the plan first",
    });
  }
  return ids.length > 0 ? named(fleet, ids) : ofFilter(fleet, filterFromOptions(options, systemClock.nowMs()));
}

async function* named(fleet: Fleet, ids: readonly string[]): AsyncIterable<DeadLetter> {
  yield* await Promise.all(ids.map(async (id) => await requireDeadLetter(fleet, id)));
}

async function* ofFilter(fleet: Fleet, filter: DeadLetterFilter): AsyncIterable<DeadLetter> {
  for await (const { letter } of chosenDeadLetters(fleet, filter)) yield letter;
}

/** The choice of letters that an act was about, for the audit log. Their number is known only after the act. */
function describeChoice(ids: readonly string[], filters: Filters): string {
  if (ids.length === 0) return describeFilters(filters);
  return ids.length === 1 ? ids[0]! : counted(ids.length, "dead letter");
}

/** The most letters that a plan shows, and the most failures that are named one by one. */
const MOST_SHOWN = 1000;

async function upTo(letters: AsyncIterable<DeadLetter>, most: number): Promise<readonly DeadLetter[]> {
  const first: DeadLetter[] = [];
  for await (const letter of letters) {
    first.push(letter);
    if (first.length === most) break;
  }
  return first;
}

async function carryOut(
  shell: Shell,
  { queue }: Fleet,
  asked: { readonly action: string; readonly target: string },
  letters: AsyncIterable<DeadLetter>,
  carry: (letter: DeadLetter) => Promise<DeadLetterResult>,
  { json = false }: { readonly json?: boolean },
): Promise<void> {
  const progress = createProgress(process.stderr, () => performance.now());
  const words = new Map<string, number>();
  const failed: DeadLetterResult[] = [];
  const names = nameDeadLetters();
  let count = 0;
  const lines = (): readonly string[] => [...words].map(([word, same]) => `${same} ${word}`);
  await acting(queue, invoker(), asked, async () => {
    for await (const letter of letters) {
      const done = await carry(letter);
      const word = done.done ? done.word : `not done, ${done.word}`;
      words.set(word, (words.get(word) ?? 0) + 1);
      if (done.done) names.add(letter);
      if (!done.done && failed.length < MOST_SHOWN) failed.push(done);
      count += 1;
      if (json) console.log(JSON.stringify(resultJson(done)));
      else progress.show(`${count}`);
    }
    return { word: count === 0 ? "none chosen" : lines().join("; "), details: { letters: names.named() } };
  }).finally(() => progress.clear());
  if (!json) {
    for (const line of lines()) console.log(printable(line));
    if (count === 0) console.log("No dead letter is chosen.");
    for (const { letter, word } of failed) console.log(`  ${letter.id}: ${printable(explainWord(word))}`);
  }
  if (failed.length > 0) shell.exit(1);
}

function resultJson({ letter, word, done }: DeadLetterResult): object {
  return { id: letter.id, done, word, why: done ? null : explainWord(word) };
}

/** The plan of a replay, letter by letter. */
async function plan(
  fleet: Fleet,
  letters: readonly DeadLetter[],
  options: EditOptions & { readonly json?: boolean },
): Promise<string> {
  const foreseen = await Promise.all(
    letters.map(async (letter) => {
      const edit = editFromOptions(options, isOfEvent(letter));
      return { letter, ...(await foreseeReplay(fleet, letter, edit)) };
    }),
  );
  if (options.json === true) {
    return foreseen.map(({ letter: { id }, would, why }) => JSON.stringify({ id, would, why })).join("\n");
  }
  const rows = foreseen.map(({ letter, would, why }) => {
    return [letter.id, nameOf(letter), why === null ? WOULD[would] : `leave it: ${why}`];
  });
  return `${table([["id", "record", "would"], ...rows])}\n\n${counted(letters.length, "dead letter")}. Nothing was done.`;
}

const WOULD: Readonly<Record<DeadLetterForecast["would"], string>> = {
  send_again: "send what is parked of the record again",
  map_again: "map its event again",
  understand_again: "let its webhook be understood again",
  leave: "leave it",
};

function nameOf({ object, key }: DeadLetter): string {
  return key === null ? object : `${object} ${key.value}`;
}

function listing(letters: readonly DeadLetter[]): string {
  if (letters.length === 0) return "There is no such dead letter.";
  const rows = letters.map((letter) => [
    letter.id,
    letter.at,
    letter.destination,
    nameOf(letter),
    [...new Set(letter.events.map(({ source }) => source))].join(" "),
    letter.reason.code,
    cut(letter.reason.message),
  ]);
  return table([["id", "at", "destination", "record", "source", "code", "why"], ...rows]);
}

function cut(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}

function whole(letter: DeadLetter): string {
  const { id, at, destination, reason, events, attempts, mapping, event, change, request, response } = letter;
  const lines = [
    printable(`${id}   ${at}   ${destination}   ${nameOf(letter)}`),
    "",
    `why        ${printable(`${reason.code}: ${reason.message}`)}`,
    `events     ${events.map((each) => printable(`${each.source} ${each.id}`)).join("\n           ")}`,
    ...(attempts === undefined ? [] : [`attempts   ${attempts}`]),
    ...(mapping === undefined ? [] : [`mapping    ${mapping.place}: ${mapping.expression}`]),
    ...(letter.cut === undefined ? [] : [`cut        ${letter.cut}`]),
  ];
  for (const [title, part] of Object.entries({ event, change, request, response })) {
    if (part !== undefined) lines.push("", title, JSON.stringify(part, null, 2).replaceAll(/^/gm, "  "));
  }
  const next = isOfIntake(letter)
    ? `mend what it says and \`sluice dead replay ${id}\`: it is understood again as it came`
    : isOfEvent(letter)
      ? `mend the mapping and \`sluice dead replay ${id}\`, or change the event: --set data.field=value`
      : `\`sluice dead replay ${id}\` sends it again, --set field=value changes it, \`sluice dead discard ${id}\` drops it`;
  return [...lines, "", `next: ${next}`].join("\n");
}
