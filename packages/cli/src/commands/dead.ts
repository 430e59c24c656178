import type { Command } from "commander";
import {
  acting,
  allLetters,
  discardLetter,
  explainWord,
  findLetter,
  foreseeReplay,
  replayLetter,
  wantsLetter,
  type Fleet,
  type Foreseen,
  type LetterDone,
} from "@sluice/operator";
import { isOfEvent, isOfIntake, type DeadLetter } from "@sluice/queue";
import { SluiceError, systemClock } from "@sluice/runtime";
import { CONFIG_OPTION, type AddCommand, type Shell } from "../command.ts";
import { counted } from "../counted.ts";
import { editOf, isEdited, type EditOptions } from "../dead/edit.ts";
import { FILTER_OPTIONS, filterOf, hasFilter, type Filters } from "../dead/selection.ts";
import { openFleetQueue } from "../fleet-queue.ts";
import { invoker } from "../invoker.ts";
import { printable } from "../printable.ts";
import { createProgress } from "../progress.ts";
import { table } from "../table.ts";

type Chosen = Filters & { readonly config?: string; readonly all?: boolean; readonly dryRun?: boolean };

export const deadCommands: AddCommand = (program, shell) => {
  const dead = program.command("dead").description("dead letters: what could not be applied, and why");

  filtered(dead.command("list").description("the dead letters, the newest first"))
    .option("--json", "one JSON object a line, whole")
    .action(async (options: Chosen & { json?: boolean }) => {
      await withFleet(shell, options.config, async (fleet) => {
        const letters = await choose(fleet, [], options);
        console.log(options.json === true ? letters.map((each) => JSON.stringify(each)).join("\n") : listing(letters));
      });
    });

  dead
    .command("show <id>")
    .description("all that is known of one: event, change, request, answer, reason")
    .option(...CONFIG_OPTION)
    .option("--json", "as JSON")
    .action(async (id: string, options: { config?: string; json?: boolean }) => {
      await withFleet(shell, options.config, async (fleet) => {
        const [letter] = await choose(fleet, [id], {});
        console.log(options.json === true ? JSON.stringify(letter, null, 2) : whole(letter!));
      });
    });

  chooses(dead.command("replay [ids...]").description("sends dead letters again, as they are or edited"))
    .option("--set <path=value...>", "of one letter: a field of the record (or a member of the event), JSON or text")
    .option("--unset <path...>", "of one letter: leave this field (or member) out")
    .option("--edit <file>", "of one letter: the change (or the event) as JSON")
    .action(async (ids: string[], options: Chosen & EditOptions) => {
      await withFleet(shell, options.config, async (fleet) => {
        const letters = await chooseSome(fleet, ids, options, "replay");
        if (isEdited(options) && letters.length !== 1) {
          throw new SluiceError(`An edit is for one dead letter, and ${letters.length} are chosen`, {
            code: "edit_invalid",
            hint: "name one id: `sluice dead list` shows them",
          });
        }
        if (options.dryRun === true) return console.log(await plan(fleet, letters, options));
        await carryOut(
          shell,
          fleet,
          "replay",
          letters,
          async (letter) => await replayLetter(fleet, letter, editOf(options, isOfEvent(letter))),
        );
      });
    });

  chooses(dead.command("discard [ids...]").description("drops dead letters: their values are never sent")).action(
    async (ids: string[], options: Chosen) => {
      await withFleet(shell, options.config, async (fleet) => {
        const letters = await chooseSome(fleet, ids, options, "discard");
        if (options.dryRun === true) return console.log(`${listing(letters)}\n\nThese would be discarded.`);
        await carryOut(shell, fleet, "discard", letters, async (letter) => await discardLetter(fleet, letter));
      });
    },
  );
};

async function withFleet(
  shell: Shell,
  config: string | undefined,
  act: (fleet: Fleet) => Promise<void>,
): Promise<void> {
  const fleet = await openFleetQueue(shell.settings(config));
  try {
    await act(fleet);
  } finally {
    await fleet.queue.close();
  }
}

function filtered(command: Command): Command {
  command.option(...CONFIG_OPTION);
  for (const [flags, description] of FILTER_OPTIONS) command.option(flags, description);
  return command;
}

function chooses(command: Command): Command {
  return filtered(command)
    .option("--all", "all of them, where no id and no filter is given")
    .option("--dry-run", "show what would be done, and do nothing");
}

async function choose(fleet: Fleet, ids: readonly string[], filters: Filters): Promise<DeadLetter[]> {
  if (ids.length > 0) {
    return await Promise.all(
      ids.map(async (id) => {
        const letter = await findLetter(fleet, id);
        if (letter !== null) return letter;
        throw new SluiceError(`There is no dead letter ${id}`, {
          code: "dead_letter_unknown",
          hint: "it may have healed or been replayed meanwhile: `sluice dead list` shows those that are",
        });
      }),
    );
  }
  const filter = filterOf(filters, systemClock.nowMs());
  const found: DeadLetter[] = [];
  for await (const letter of allLetters(fleet)) if (wantsLetter(filter, letter)) found.push(letter);
  return found.toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at));
}

/** An act on many letters must have been asked for: no id, no filter and no `--all` chooses nothing. */
async function chooseSome(fleet: Fleet, ids: readonly string[], options: Chosen, act: string): Promise<DeadLetter[]> {
  if (ids.length === 0 && !hasFilter(options) && options.all !== true) {
    throw new SluiceError(`Nothing says which dead letters to ${act}`, {
      code: "option_invalid",
      hint: "name ids, give a filter such as --code or --source, or --all; --dry-run shows the plan first",
    });
  }
  return await choose(fleet, ids, options);
}

async function carryOut(
  shell: Shell,
  { queue }: Fleet,
  act: "replay" | "discard",
  letters: readonly DeadLetter[],
  carry: (letter: DeadLetter) => Promise<LetterDone>,
): Promise<void> {
  if (letters.length === 0) return console.log("No dead letter is chosen.");
  const progress = createProgress(process.stderr, () => performance.now());
  const target = letters.length === 1 ? letters[0]!.id : counted(letters.length, "dead letter");
  const { all, words } = await acting(queue, invoker(), { action: `letters.${act}`, target }, async () => {
    const ended: LetterDone[] = [];
    for (const letter of letters) {
      ended.push(await carry(letter));
      progress.show(`${ended.length} of ${letters.length}`);
    }
    const byWord = Map.groupBy(ended, ({ word, done }) => (done ? word : `not done, ${word}`));
    const lines = [...byWord].map(([word, same]) => `${same.length} ${word}`);
    return { word: lines.join("; "), all: ended, words: lines };
  }).finally(() => progress.clear());
  for (const line of words) console.log(printable(line));
  for (const { letter, word, done } of all) if (!done) console.log(`  ${letter.id}: ${printable(explainWord(word))}`);
  if (all.some(({ done }) => !done)) shell.exit(1);
}

/** What a replay would do, letter by letter. */
async function plan(fleet: Fleet, letters: readonly DeadLetter[], options: EditOptions): Promise<string> {
  const rows = await Promise.all(
    letters.map(async (letter) => {
      const { would, why } = await foreseeReplay(fleet, letter, editOf(options, isOfEvent(letter)));
      return [letter.id, nameOf(letter), why === null ? WOULD[would] : `leave it: ${why}`];
    }),
  );
  return `${table([["id", "record", "would"], ...rows])}\n\n${counted(letters.length, "dead letter")}. Nothing was done.`;
}

const WOULD: Readonly<Record<Foreseen["would"], string>> = {
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
