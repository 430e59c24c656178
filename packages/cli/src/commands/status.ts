import { setTimeout as wait } from "node:timers/promises";
import type { Now } from "@sluice/console";
import type { AddCommand } from "../command.ts";
import { asking, clientOf, type ConsoleCallOptions } from "../console/event-filters.ts";
import { standsStill, statusText } from "../status/status-text.ts";
import { watchStatus } from "../status/watch-status.ts";

type Options = ConsoleCallOptions & { readonly watch?: boolean };

/** Moves to the top left of a terminal and clears what is below. */
const HOME = "\u001B[H\u001B[J";

/** `status`: the fleet at this moment, as the console's first view shows it. */
export const statusCommand: AddCommand = (program, shell) => {
  asking(
    program
      .command("status")
      .description(
        "the fleet at this moment: what is held and when it is tried again, what waits and when it is gone; exit code 1 while something stands still",
      ),
  )
    .option("--watch", "live: once a second, until Ctrl-C")
    .action(async (options: Options) => {
      const client = clientOf(shell, options);
      if (options.watch !== true) {
        const now = await client.get<Now>("/api/now");
        console.log(options.json === true ? JSON.stringify(now) : statusText(now));
        if (standsStill(now)) shell.exit(1);
        return;
      }
      const ending = new AbortController();
      shell.onSignal(() => ending.abort());
      await watchStatus({
        client,
        rest: async (ms) => await wait(ms, undefined, { signal: ending.signal }).catch(() => {}),
        isOver: () => ending.signal.aborted,
        show: (now) => console.log(options.json === true ? JSON.stringify(now) : screen(now)),
        say: (text) => void process.stderr.write(`${text}\n`),
      });
    });
};

/** On a terminal each look takes the place of the one before; elsewhere they follow one another, with their times. */
function screen(now: Now): string {
  return process.stdout.isTTY
    ? `${HOME}${statusText(now)}\n\n${now.at}   Ctrl-C ends it`
    : `${now.at}\n${statusText(now)}\n`;
}
