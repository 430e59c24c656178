import type { Command } from "commander";
import { arrivalOf, arrivedAtMs, type RecordKey, type Stamp } from "@sluice/record";
import {
  acting,
  actOnRecord,
  shownVersion,
  waitsFor,
  type Fleet,
  type RecordAct,
  type WaitsFor,
} from "@sluice/operator";
import type { Records, LiveRecord } from "@sluice/queue";
import { laneNames, loadConfiguration, SluiceError, type Configuration } from "@sluice/runtime";
import { CONFIG_OPTION, type AddCommand, type Shell } from "../command.ts";
import { configurationEnvironment } from "../environment.ts";
import { withFleet } from "../fleet-queue.ts";
import { invoker } from "../invoker.ts";
import { printable } from "../terminal/printable.ts";
import { table } from "../terminal/table.ts";

import { addRecordTrace } from "./events.ts";

type Chosen = {
  readonly config?: string;
  readonly destination?: string;
  readonly name?: boolean;
  readonly json?: boolean;
};

/** One record: its known facts, and an operator's hand on it. */
export const recordCommands: AddCommand = (program, shell) => {
  const record = program
    .command("record")
    .description("one record: what is confirmed, what is pending, what it waits for");

  about(
    record.command("show <object> <key>"),
    "all that is known of it: each field's version, its flight, its failures",
  ).action(async (object: string, key: string, options: Chosen) => {
    await withRecord(shell, options, key, async ({ fleet, records, by, destination }) => {
      const view = await records.show(object, by);
      if (view === null) throw unknown(destination, object, by);
      const waits = waitsFor(destination, view, await fleet.queue.lane(destination).numbers());
      console.log(
        options.json === true
          ? JSON.stringify(plainOf(destination, view, waits), null, 2)
          : shown(destination, view, waits),
      );
    });
  });
  addRecordTrace(record, shell, async (options) => {
    const settings = shell.settings(options.config);
    const env = configurationEnvironment(settings);
    return destinationIn(await loadConfiguration({ path: settings.configPath, env }), options.destination);
  });
  acts(record, shell, {
    name: "park",
    description: "takes it out of the line: what comes in is merged, and nothing is sent until it is put back",
    said: { parked: "is parked; `sluice record unpark` puts it back", none: "has nothing pending" },
  });
  acts(record, shell, {
    name: "unpark",
    description: "puts a parked record back in the line",
    said: { waiting: "waits for its turn", none: "has nothing pending" },
  });
  acts(record, shell, {
    name: "retry",
    description: "lets one that waits for its next attempt have it now",
    said: {
      due: "is due, and goes out as soon as its destination takes it",
      parked: "is parked: `sluice record unpark` puts it back first",
      flying: "is under way, or its last write may still land",
      none: "has nothing pending",
    },
  });
  acts(record, shell, {
    name: "forget",
    description:
      "discards what is pending of it and forgets its versions: the next event is written whatever its version is",
    said: {
      forgotten: "is forgotten",
      flying: "is under way: park it, and try again when its request has ended",
      none: "is not known",
    },
  });
  reorders(record, shell);
};

function reorders(record: Command, shell: Shell): void {
  record
    .command("reorder <object>")
    .description("forgets whether an object's versions are times or whole numbers: the next event says it anew")
    .option(...CONFIG_OPTION)
    .option("--destination <name>", "where it lives; needed where there are several")
    .option("--json", "as JSON")
    .action(async (object: string, options: Chosen) => {
      await withRecord(shell, options, "", async ({ fleet: { queue }, records, destination }) => {
        const asked = { action: "record.reorder", target: `${destination}/${object}` };
        const { word: result } = await acting(queue, invoker(), asked, async () => ({
          word: await records.reorder(object),
        }));
        const text =
          result === "none"
            ? `No version of ${object} at ${destination} has come in yet.`
            : `The next event on ${object} at ${destination} says by what its versions are ordered. Dead letters of the code version_kind can be replayed then.`;
        console.log(options.json === true ? JSON.stringify({ destination, object, result }) : printable(text));
        if (result === "none") shell.exit(1);
      });
    });
}

type Act = {
  readonly name: RecordAct;
  readonly description: string;
  /** Each answer's meaning, by its word. */
  readonly said: Readonly<Record<string, string>>;
};

function acts(record: Command, shell: Shell, { name, description, said }: Act): void {
  about(record.command(`${name} <object> <key>`), description).action(
    async (object: string, key: string, options: Chosen) => {
      await withRecord(shell, options, key, async ({ fleet, by, destination }) => {
        const word = await actOnRecord(fleet, { destination, object, key: by }, name, invoker());
        const text = printable(`${object} ${by.value} of ${destination} ${said[word] ?? word}.`);
        console.log(
          options.json === true ? JSON.stringify({ destination, object, [by.by]: by.value, result: word }) : text,
        );
        if (UNDONE.has(word) && !(name === "park" && word === "parked")) shell.exit(1);
      });
    },
  );
}

/** Words of acts that did nothing. */
const UNDONE = new Set<string>(["none", "flying", "parked"]);

function about(command: Command, description: string): Command {
  return command
    .description(description)
    .option(...CONFIG_OPTION)
    .option("--destination <name>", "where it lives; needed where there are several")
    .option("--name", "the key is the record's name, not its external id")
    .option("--json", "as JSON");
}

type Found = { readonly fleet: Fleet; readonly destination: string; readonly records: Records; readonly by: RecordKey };

async function withRecord(
  shell: Shell,
  options: Chosen,
  key: string,
  act: (found: Found) => Promise<void>,
): Promise<void> {
  await withFleet(shell.settings(options.config), async (fleet) => {
    const destination = destinationIn(fleet.configuration, options.destination);
    const by: RecordKey = { by: options.name === true ? "name" : "external_id", value: key };
    await act({ fleet, destination, records: fleet.queue.lane(destination).records, by });
  });
}

/** The one that is named, or the only one. */
function destinationIn(configuration: Configuration, named: string | undefined): string {
  const all = laneNames(configuration);
  const destination = named ?? (configuration.destinations.size === 1 ? all[0] : undefined);
  if (destination !== undefined && all.includes(destination)) return destination;
  const which =
    destination === undefined ? "Nothing says which destination is meant" : `There is no destination "${destination}"`;
  throw new SluiceError(which, { code: "destination_unknown", hint: `--destination is one of ${all.join(", ")}` });
}

function unknown(destination: string, object: string, { by, value }: RecordKey): SluiceError {
  return new SluiceError(`Nothing is known of ${object} ${value} at ${destination}`, {
    code: "record_unknown",
    hint: `objects and keys are told apart by every letter; this was taken for its ${by === "name" ? "name" : "external id, and --name takes it for its name"}`,
  });
}

function shown(destination: string, view: LiveRecord, waits: readonly WaitsFor[]): string {
  const { object, key, state, open, flight, attempts, failingSinceMs, lastFailure, deleted, deletion, letter } = view;
  const lines = [
    printable(`${object} ${key.value}   ${destination}   ${state}${view.isDoubtful ? "   doubtful" : ""}`),
    "",
    `state      ${STATES[state]}${view.dueMs === null ? "" : ` (${relative(view.dueMs - view.nowMs)})`}`,
    ...waits
      .filter(({ code }) => code === "held" || code === "attempt")
      .map(({ text, untilMs }) => printable(`waits for  ${text}${untilMs === null ? "" : `, until ${time(untilMs)}`}`)),
    ...(view.sinceMs === null ? [] : [`since      ${time(view.sinceMs)}`]),
    ...(open.size === 0
      ? []
      : [`changes    ${[...open].map(([source, count]) => `${count} of ${source}`).join(", ")}`]),
    ...(view.events.length === 0 ? [] : [`events     ${view.events.map(printable).join("\n           ")}`]),
    ...(attempts === 0 ? [] : [`attempts   ${attempts}`]),
    ...(failingSinceMs === null
      ? []
      : [`failing    since ${time(failingSinceMs)}${lastFailure === null ? "" : `, last: ${printable(lastFailure)}`}`]),
    ...(flight === null
      ? []
      : [`flight     token ${flight.token}${flight.job === null ? "" : `, in job ${printable(flight.job.job)}`}`]),
    ...(view.isPosted
      ? ["posted     in a job whose id was never told: it waits until none of the destination's jobs can be it"]
      : []),
    ...(deleted === null ? [] : [`deleted    ${versionOf(deleted)}${deletion === null ? "" : ", not yet confirmed"}`]),
    ...(letter === null ? [] : [`dead       ${printable(`${letter.reason.code}: ${letter.reason.message}`)}`]),
    ...(view.isDoubtful
      ? ["doubtful   a write that was given up was confirmed later: the destination may hold an older value"]
      : []),
  ];
  const names = [...new Set([...view.confirmed.keys(), ...view.pending.keys(), ...view.aside.keys()])].toSorted();
  const rows = names.map((field) => {
    const aside = view.aside.get(field);
    const pending = view.pending.get(field) ?? aside;
    const confirmed = view.confirmed.get(field);
    return [
      field,
      confirmed === undefined ? "" : versionOf(confirmed),
      pending === undefined ? "" : `${versionOf(pending.stamp)}${aside === undefined ? "" : ", refused"}`,
      pending?.source ?? "",
      pending === undefined ? "" : cut(JSON.stringify(pending.value)),
    ];
  });
  if (rows.length > 0) lines.push("", table([["field", "confirmed", "pending", "source", "value"], ...rows]));
  return lines.join("\n");
}

const STATES: Readonly<Record<LiveRecord["state"], string>> = {
  quiet: "nothing is pending",
  due: "due: it goes out as soon as the destination takes it",
  waiting: "waits for its next attempt",
  flying: "a request with it is under way; it is due again",
  parked: "parked by an operator",
  dead: "a dead letter: `sluice dead show` tells why",
};

function versionOf(stamp: Stamp): string {
  if (stamp.version !== 0n) return shownVersion(stamp);
  const arrival = arrivalOf(stamp);
  return arrival === null ? "by arrival" : `by arrival, ${time(arrivedAtMs(arrival))}`;
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}

function relative(ms: number): string {
  return ms <= 0 ? "now" : `in ${(ms / 1000).toFixed(1)} s`;
}

function cut(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function plainOf(destination: string, view: LiveRecord, waits: readonly WaitsFor[]): object {
  const stamp = (of: Stamp): object => ({ version: String(of.version), rank: of.rank, arrival: arrivedOrNull(of) });
  const { key, confirmed, pending, aside, deleted, deletion, open, nowMs, dueMs, sinceMs, failingSinceMs, ...rest } =
    view;
  const fields = (all: LiveRecord["pending"]): object =>
    Object.fromEntries(
      [...all].map(([field, { value, source, stamp: of }]) => [field, { value, source, ...stamp(of) }]),
    );
  const at = (ms: number | null): string | null => (ms === null ? null : time(ms));
  return {
    destination,
    [key.by]: key.value,
    ...rest,
    now: time(nowMs),
    due: at(dueMs),
    waits_for: waits.map(({ code, text, untilMs }) => ({ code, text, until: at(untilMs) })),
    since: at(sinceMs),
    failing_since: at(failingSinceMs),
    open: Object.fromEntries(open),
    deleted: deleted === null ? null : { ...stamp(deleted), confirmed: deletion === null },
    confirmed: Object.fromEntries([...confirmed].map(([field, of]) => [field, stamp(of)])),
    pending: fields(pending),
    set_aside: fields(aside),
  };
}

function arrivedOrNull(of: Stamp): string | null {
  const arrival = arrivalOf(of);
  return arrival === null ? null : time(arrivedAtMs(arrival));
}
