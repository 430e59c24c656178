import type { Command } from "commander";
import type { Event } from "@sluice/event";
import { allLanes } from "@sluice/operator";
import { isOfEvent, isOfIntake, type DeadLetter, type Queue } from "@sluice/queue";
import { laneNames, SluiceError, systemClock, type Configuration } from "@sluice/runtime";
import { CONFIG_OPTION, type AddCommand, type Shell } from "../command.ts";
import { counted } from "../counted.ts";
import { editedEvent, hasEdit, recordEdit, type EditOptions } from "../dead/edit.ts";
import { replayEvent } from "../dead/replay-event.ts";
import { FILTER_OPTIONS, hasFilter, selectionOf, type Filters } from "../dead/selection.ts";
import { openFleetQueue } from "../fleet-queue.ts";
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
        if (hasEdit(options) && letters.length !== 1) {
          throw new SluiceError(`An edit is for one dead letter, and ${letters.length} are chosen`, {
            code: "edit_invalid",
            hint: "name one id: `sluice dead list` shows them",
          });
        }
        if (options.dryRun === true) return console.log(await plan(fleet, letters, options));
        await carryOut(shell, letters, async (letter) => await replayOne(fleet, letter, options));
      });
    });

  chooses(dead.command("discard [ids...]").description("drops dead letters: their values are never sent")).action(
    async (ids: string[], options: Chosen) => {
      await withFleet(shell, options.config, async (fleet) => {
        const letters = await chooseSome(fleet, ids, options, "discard");
        if (options.dryRun === true) return console.log(`${listing(letters)}\n\nThese would be discarded.`);
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

type Fleet = { readonly configuration: Configuration; readonly queue: Queue };
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

async function choose(
  { configuration, queue }: Fleet,
  ids: readonly string[],
  filters: Filters,
): Promise<DeadLetter[]> {
  const destinations = await allLanes({ configuration, queue });
  if (ids.length > 0) {
    return await Promise.all(
      ids.map(async (id) => {
        for (const name of destinations) {
          const letter = await queue.lanes.at(name).dead.find(id);
          if (letter !== null) return letter;
        }
        const letter = await queue.intake.letters.find(id);
        if (letter !== null) return letter;
        throw new SluiceError(`There is no dead letter ${id}`, {
          code: "dead_letter_unknown",
          hint: "it may have healed or been replayed meanwhile: `sluice dead list` shows those that are",
        });
      }),
    );
  }
  const wanted = selectionOf(filters, systemClock.nowMs());
  const found: DeadLetter[] = [];
  for (const name of destinations) {
    for await (const letter of queue.lanes.at(name).dead.all()) if (wanted(letter)) found.push(letter);
  }
  for await (const letter of queue.intake.letters.all()) if (wanted(letter)) found.push(letter);
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
  letters: readonly DeadLetter[],
  act: (letter: DeadLetter) => Promise<Done>,
): Promise<void> {
  const progress = createProgress(process.stderr, () => performance.now());
  const all: Done[] = [];
  for (const letter of letters) {
    all.push(await act(letter));
    progress.show(`${all.length} of ${letters.length}`);
  }
  progress.clear();
  const words = Map.groupBy(all, ({ word, done }) => (done ? word : `not done, ${word}`));
  for (const [word, same] of words) console.log(`${same.length} ${printable(word)}`);
  if (letters.length === 0) console.log("No dead letter is chosen.");
  for (const { letter, word, done } of all) if (!done) console.log(`  ${letter.id}: ${printable(explain(word))}`);
  if (all.some(({ done }) => !done)) shell.exit(1);
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
