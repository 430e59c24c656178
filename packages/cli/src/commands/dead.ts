import type { Command } from "commander";
import type { Event } from "@sluice/event";
import { isOfEvent, isOfIntake, type DeadLetter, type PlacedLetter } from "@sluice/queue";
import { laneNames, SluiceError, systemClock } from "@sluice/runtime";
import { CONFIG_OPTION, type AddCommand, type Shell } from "../command.ts";
import { counted } from "../counted.ts";
import { editedEvent, hasEdit, recordEdit, type EditOptions } from "../dead/edit.ts";
import { replayEvent } from "../dead/replay-event.ts";
import { chosenLetters, letterOf, placeText, readPlace, type Fleet } from "../dead/choice.ts";
import { FILTER_OPTIONS, hasFilter, type Filters } from "../dead/selection.ts";
import { openFleetQueue } from "../fleet-queue.ts";
import { printable } from "../printable.ts";
import { createProgress } from "../progress.ts";
import { table } from "../table.ts";

type Chosen = Filters & { readonly config?: string; readonly all?: boolean; readonly dryRun?: boolean };

export const deadCommands: AddCommand = (program, shell) => {
  const dead = program.command("dead").description("dead letters: what could not be applied, and why");

  filtered(dead.command("list").description("the dead letters, the newest first"))
    .option("--limit <n>", "so many at most: 100, or with --json all")
    .option("--after <place>", "those behind this one: what the page before it printed behind `more:`")
    .option("--json", "one JSON object a line, whole")
    .action(async (options: Chosen & Page) => {
      await withFleet(shell, options.config, async (fleet) => await list(fleet, options));
    });

  dead
    .command("show <id>")
    .description("all that is known of one: event, change, request, answer, reason")
    .option(...CONFIG_OPTION)
    .option("--json", "as JSON")
    .action(async (id: string, options: { config?: string; json?: boolean }) => {
      await withFleet(shell, options.config, async (fleet) => {
        const letter = await letterOf(fleet, id);
        console.log(options.json === true ? JSON.stringify(letter, null, 2) : whole(letter));
      });
    });

  chooses(dead.command("replay [ids...]").description("sends dead letters again, as they are or edited"))
    .option("--set <path=value...>", "of one letter: a field of the record (or a member of the event), JSON or text")
    .option("--unset <path...>", "of one letter: leave this field (or member) out")
    .option("--edit <file>", "of one letter: the change (or the event) as JSON")
    .action(async (ids: string[], options: Chosen & EditOptions) => {
      await withFleet(shell, options.config, async (fleet) => {
        const chosen = chooseSome(fleet, ids, options, "replay");
        if (options.dryRun === true) return console.log(await plan(fleet, await upTo(chosen, MOST_SHOWN), options));
        if (!hasEdit(options)) {
          return await carryOut(shell, chosen, async (letter) => await replayOne(fleet, letter, options));
        }
        const letters = await upTo(chosen, 2);
        if (letters.length !== 1) {
          throw new SluiceError(
            `An edit is for one dead letter, and ${letters.length === 0 ? "none is" : "several are"} chosen`,
            {
              code: "edit_invalid",
              hint: "name one id: `sluice dead list` shows them",
            },
          );
        }
        await carryOut(shell, eachOf(letters), async (letter) => await replayOne(fleet, letter, options));
      });
    });

  chooses(dead.command("discard [ids...]").description("drops dead letters: their values are never sent")).action(
    async (ids: string[], options: Chosen) => {
      await withFleet(shell, options.config, async (fleet) => {
        const letters = chooseSome(fleet, ids, options, "discard");
        if (options.dryRun === true) {
          const first = await upTo(letters, MOST_SHOWN);
          return console.log(
            `${listing(first)}\n\nThese would be discarded${first.length === MOST_SHOWN ? ", and more" : ""}.`,
          );
        }
        await carryOut(shell, letters, async (letter) => {
          const word = isOfIntake(letter)
            ? await fleet.queue.intake.letters.discard(letter.id)
            : await fleet.queue.lanes.at(letter.destination).dead.discard(letter);
          return { letter, word, done: word === "discarded" };
        });
      });
    },
  );
};

type Page = { readonly json?: boolean; readonly limit?: string; readonly after?: string };

const PAGE_LETTERS = 100;

async function list(fleet: Fleet, { json, limit, after, ...filters }: Chosen & Page): Promise<void> {
  const most = limit === undefined ? (json === true ? Infinity : PAGE_LETTERS) : Number(limit);
  if (!(most === Infinity || (Number.isInteger(most) && most > 0))) {
    throw new SluiceError(`--limit is ${JSON.stringify(limit)}`, {
      code: "option_invalid",
      hint: "give a whole number from 1 on",
    });
  }
  const from = after === undefined ? undefined : readPlace(after);
  const shown: PlacedLetter[] = [];
  let count = 0;
  let last: PlacedLetter | undefined;
  let isMore = false;
  for await (const placed of chosenLetters(fleet, filters, { nowMs: systemClock.nowMs(), after: from })) {
    isMore = count === most;
    if (isMore) break;
    count += 1;
    last = placed;
    // Line by line: there may be more of them than fit into memory.
    if (json === true) console.log(JSON.stringify(placed.letter));
    else shown.push(placed);
  }
  if (json !== true) console.log(listing(shown.map(({ letter }) => letter)));
  if (isMore && last !== undefined) console.error(`more: --after ${placeText(last.place)}`);
}

async function* eachOf(letters: readonly DeadLetter[]): AsyncIterable<DeadLetter> {
  yield* letters;
}

type Done = { readonly letter: DeadLetter; readonly word: string; readonly done: boolean };

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

/** An act on many letters must have been asked for: no id, no filter and no `--all` chooses nothing. */
async function* chooseSome(
  fleet: Fleet,
  ids: readonly string[],
  options: Chosen,
  act: string,
): AsyncIterable<DeadLetter> {
  if (ids.length === 0 && !hasFilter(options) && options.all !== true) {
    throw new SluiceError(`Nothing says which dead letters to ${act}`, {
      code: "option_invalid",
      hint: "name ids, give a filter such as --code or --source, or --all; --dry-run shows the plan first",
    });
  }
  if (ids.length > 0) {
    for (const id of await Promise.all(ids.map(async (each) => await letterOf(fleet, each)))) yield id;
    return;
  }
  for await (const { letter } of chosenLetters(fleet, options, { nowMs: systemClock.nowMs() })) yield letter;
}

/** Letters that a plan shows, and failures that are named one by one. */
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
  letters: AsyncIterable<DeadLetter>,
  act: (letter: DeadLetter) => Promise<Done>,
): Promise<void> {
  const progress = createProgress(process.stderr, () => performance.now());
  const words = new Map<string, number>();
  const failed: Done[] = [];
  let count = 0;
  for await (const letter of letters) {
    const done = await act(letter);
    const word = done.done ? done.word : `not done, ${done.word}`;
    words.set(word, (words.get(word) ?? 0) + 1);
    if (!done.done && failed.length < MOST_SHOWN) failed.push(done);
    count += 1;
    progress.show(`${count}`);
  }
  progress.clear();
  for (const [word, same] of words) console.log(`${same} ${printable(word)}`);
  if (count === 0) console.log("No dead letter is chosen.");
  for (const { letter, word } of failed) console.log(`  ${letter.id}: ${printable(explain(word))}`);
  if (failed.length > 0) shell.exit(1);
}

async function replayOne(fleet: Fleet, letter: DeadLetter, options: EditOptions): Promise<Done> {
  if (isOfIntake(letter)) {
    if (hasEdit(options)) return { letter, word: "unedited", done: false };
    const word = await fleet.queue.intake.letters.replay(letter);
    return { letter, word, done: word === "replayed" };
  }
  if (!laneNames(fleet.configuration).includes(letter.destination)) return { letter, word: "unserved", done: false };
  const { dead } = fleet.queue.lane(letter.destination);
  if (!isOfEvent(letter)) {
    const word = await dead.replay(letter.id, recordEdit(options));
    return { letter, word, done: word === "replayed" };
  }
  const mapped = await mapLetter(fleet, letter, options);
  if (mapped.kind !== "changes") return { letter, word: mapped.why, done: false };
  const word = await mapped.merge(fleet.queue.merging);
  await dead.forget(letter.id);
  return { letter, word, done: word !== "dead" };
}

async function mapLetter(
  { configuration, queue }: Fleet,
  letter: DeadLetter,
  options: EditOptions,
): Promise<Awaited<ReturnType<typeof replayEvent>>> {
  if (letter.event === undefined)
    return { kind: "fails", why: "its event was too large to be kept: have it sent again" };
  const event = editedEvent(letter.event as Event, options);
  return await replayEvent(letter, event, configuration, await queue.nextRun());
}

/** What a replay would do, letter by letter. */
async function plan(fleet: Fleet, letters: readonly DeadLetter[], options: EditOptions): Promise<string> {
  const rows = await Promise.all(
    letters.map(async (letter) => {
      if (isOfIntake(letter)) return [letter.id, nameOf(letter), "let its webhook be understood again"];
      if (!isOfEvent(letter)) return [letter.id, nameOf(letter), "send what is parked of the record again"];
      const mapped = await mapLetter(fleet, letter, options);
      return [letter.id, nameOf(letter), mapped.kind === "changes" ? "map its event again" : `leave it: ${mapped.why}`];
    }),
  );
  return `${table([["id", "record", "would"], ...rows])}\n\n${counted(letters.length, "dead letter")}. Nothing was done.`;
}

function explain(word: string): string {
  switch (word) {
    case "gone":
      return "it is gone: it healed, or somebody was faster";
    case "underway":
      return "newer changes of the record wait to be written, and it goes out with them";
    case "empty":
      return "the edit leaves nothing to send: discard it instead";
    case "dead":
      return "it could not be applied again: the new dead letter says why";
    case "unreadable":
      return "it is a job that nobody could read: discard it once you have looked at it";
    case "unserved":
      return "the configuration has no such destination: `sluice move` it to the one that takes its place first";
    case "unedited":
      return "a webhook is understood as it came: mend the mapping, and replay it without an edit";
    default:
      return word;
  }
}

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
