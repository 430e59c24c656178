import { setTimeout as wait } from "node:timers/promises";
import type { EventRow } from "@sluice/history";
import { SluiceError } from "@sluice/runtime";
import type { AddCommand } from "../command.ts";
import { consoleClient } from "../console/console-client.ts";
import {
  addEventFilters,
  asking,
  eventFilterOf,
  type ConsoleCallOptions,
  type EventFilters,
} from "../console/event-filters.ts";
import { printable } from "../terminal/printable.ts";
import { tailEvents } from "../tail/tail-events.ts";
import { wholeNumber } from "../whole-number.ts";

type Options = ConsoleCallOptions & EventFilters & { readonly for?: string; readonly count?: string };

/** `tail`: events as they come and end, by the history, until Ctrl-C. */
export const tailCommand: AddCommand = (program, shell) => {
  const command = program
    .command("tail")
    .description("events as they come in, one line each once it has ended: from the history, a second or two behind");
  addEventFilters(command, ["since", "until"]);
  asking(command)
    .option("--for <time>", "end after so long: 30s, 5m")
    .option("--count <n>", "end after so many events")
    .action(async (options: Options) => {
      // Ctrl-C ends it like any other end: what is waited for is shown, and the exit code is 0.
      const ending = new AbortController();
      shell.onSignal(() => ending.abort());
      await tailEvents({
        client: consoleClient(shell.settings(options.config), options),
        filter: eventFilterOf(options),
        count: options.count === undefined ? Infinity : wholeNumber("--count", options.count),
        forMs: timeOf(options.for),
        nowMs: Date.now,
        rest: async (ms) => await wait(ms, undefined, { signal: ending.signal }).catch(() => {}),
        isOver: () => ending.signal.aborted,
        show: (row) => console.log(options.json === true ? JSON.stringify(row) : lineOf(row)),
        say: (text) => void process.stderr.write(`${text}\n`),
      });
    });
};

function lineOf({ arrivedAt, source, type, id, outcome, code, records, ref }: EventRow): string {
  const end = code === null ? outcome : `${outcome} (${code})`;
  const named = records.map(({ destination, object, key }) => `${destination}/${object}/${key}`).join(", ");
  return printable([arrivedAt, source, type, id, end, named, ref].filter((part) => part !== "").join("  "));
}

const UNITS_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

function timeOf(text: string | undefined): number {
  if (text === undefined) return Infinity;
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (unit !== undefined) return Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS];
  throw new SluiceError(`--for is ${JSON.stringify(text)}`, {
    code: "option_invalid",
    hint: "give a number and a unit: 30s, 5m, 2h",
  });
}
