import { acting, type Fleet } from "@sluice/operator";
import { laneNames, SluiceError } from "@sluice/runtime";
import type { RemovalProgress } from "@sluice/queue";
import { CONFIG_OPTION, type AddCommand, type Shell } from "../command.ts";
import { counted } from "../terminal/counted.ts";
import { openFleetQueue } from "../fleet-queue.ts";
import { invoker } from "../invoker.ts";
import { createProgress } from "../terminal/progress.ts";

/**
 * Changes over how many lanes a destination spreads; ends a destination that the file does not name any more: its records go on under
 * another name, or are dropped.
 */
export const laneCommands: AddCommand = (program, shell) => {
  program
    .command("lanes <destination> [number]")
    .description("says over how many lanes a destination spreads, or changes it while no worker runs")
    .option(...CONFIG_OPTION)
    .option("--json", "as JSON")
    .action(async (name: string, number: string | undefined, options: { config?: string; json?: boolean }) => {
      await withLanes(shell, options.config, async ({ configuration, queue }, onProgress) => {
        if (!laneNames(configuration).includes(name)) await assertLeft({ configuration, queue }, name);
        if (number === undefined) {
          const lanes = await queue.lanes.count(name);
          return console.log(options.json === true ? JSON.stringify({ destination: name, lanes }) : `${lanes}`);
        }
        const lanes = Number(number);
        const asked = { action: "destination.lanes", target: name };
        const { changed } = await acting(queue, invoker(), asked, async () => {
          const done = await queue.lanes.change(name, lanes, onProgress);
          return { word: "changed", changed: done, details: { lanes, ...done } };
        });
        if (options.json === true) return console.log(JSON.stringify({ destination: name, lanes, ...changed }));
        console.log(
          `${name} has ${counted(lanes, "lane")} now, and had ${changed.from}; ${counted(changed.records, "record")} moved. Start the workers.`,
        );
      });
    });
  program
    .command("move <old> <new>")
    .description("moves all that a renamed destination holds to its new name, by the rule by which events merge")
    .option(...CONFIG_OPTION)
    .option("--json", "as JSON")
    .action(async (from: string, to: string, options: { config?: string; json?: boolean }) => {
      await withLanes(shell, options.config, async ({ configuration, queue }, onProgress) => {
        if (!configuration.destinations.has(to)) {
          throw new SluiceError(`There is no destination "${to}"`, {
            code: "destination_unknown",
            hint: `the configuration has ${[...configuration.destinations.keys()].join(", ")}`,
          });
        }
        if (from.startsWith("fetch:")) {
          throw new SluiceError("A source's fetches can't be moved: that source's rows ask for them", {
            code: "lane_unmovable",
            hint: `put the source back until nothing of it is pending, or \`sluice discard ${from}\``,
          });
        }
        await assertLeft({ configuration, queue }, from);
        const asked = { action: "destination.move", target: from };
        const { moved } = await acting(queue, invoker(), asked, async () => {
          const done = await queue.lanes.removal.move(from, to, onProgress);
          return { word: "moved", moved: done, details: { to, ...done } };
        });
        if (options.json === true) return console.log(JSON.stringify({ from, to, ...moved }));
        console.log(`${counted(moved.records, "record")} of ${from}, its dead letters and its books are ${to}'s now.`);
        if (moved.doubtful > 0) {
          console.log(
            `${counted(moved.doubtful, "record")} of them may be older at the destination: ${to} had written an older value before it knew of the newer one. \`sluice record show\` calls them doubtful.`,
          );
        }
      });
    });
  program
    .command("discard <destination>")
    .description(
      "drops all that is left of a destination that the file does not name: what is pending is booked as discarded",
    )
    .option("--yes", "do it; without it, say what would be dropped")
    .option(...CONFIG_OPTION)
    .option("--json", "as JSON")
    .action(async (name: string, options: { config?: string; yes?: boolean; json?: boolean }) => {
      await withLanes(shell, options.config, async ({ configuration, queue }, onProgress) => {
        await assertLeft({ configuration, queue }, name);
        if (options.yes !== true) {
          const [remains] = (await queue.lanes.left(laneNames(configuration))).filter(({ lane }) => lane === name);
          const { pendingRecords = 0, pendingChanges = 0, deadLetters = 0, rememberedRecords = 0 } = remains ?? {};
          const would = { pendingRecords, pendingChanges, deadLetters, rememberedRecords };
          if (options.json === true) return console.log(JSON.stringify({ destination: name, would }));
          return console.log(
            `This would drop ${counted(pendingRecords, "pending record")} with ${counted(pendingChanges, "change")}, ${counted(deadLetters, "dead letter")}, and what is remembered of ${counted(rememberedRecords, "record")}. With --yes it is done; nothing was done.`,
          );
        }
        const asked = { action: "destination.discard", target: name };
        const { records } = await acting(queue, invoker(), asked, async () => {
          const done = await queue.lanes.removal.discard(name, onProgress);
          return { word: "discarded", ...done, details: done };
        });
        if (options.json === true) return console.log(JSON.stringify({ destination: name, records }));
        console.log(
          `${counted(records, "record")} of ${name} are dropped. \`sluice audit\` goes on to show its books.`,
        );
      });
    });
};

async function withLanes(
  shell: Shell,
  config: string | undefined,
  act: (fleet: Fleet, onProgress: (progress: RemovalProgress) => void) => Promise<void>,
): Promise<void> {
  const fleet = await openFleetQueue(shell.settings(config));
  const progress = createProgress(process.stderr, () => performance.now());
  try {
    await fleet.queue.lanes.findOld();
    await act(fleet, ({ records, flying, waitMs }) => {
      const waits = flying === 0 ? "" : `; ${flying} may be under way, for ${Math.ceil(waitMs / 1000)} s at most`;
      progress.show(`${records} records${waits}`);
    });
  } finally {
    progress.clear();
    await fleet.queue.close();
  }
}

async function assertLeft({ configuration, queue }: Fleet, name: string): Promise<void> {
  if (laneNames(configuration).includes(name)) {
    throw new SluiceError(`"${name}" is in the configuration`, {
      code: "lane_named",
      hint: "this is for names that were taken out of the file: take it out, restart every worker with that file, and try again",
    });
  }
  const known = await queue.lanes.known();
  if (known.includes(name)) return;
  const others = known.filter((each) => !laneNames(configuration).includes(each));
  throw new SluiceError(`Nothing is known of "${name}"`, {
    code: "destination_unknown",
    hint:
      others.length === 0
        ? "Redis holds no name that the file lacks"
        : `Redis knows beside the file: ${others.join(", ")}`,
  });
}
