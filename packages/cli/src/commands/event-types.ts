import { RESULTS } from "@sluice/queue";
import { systemClock, unknownTypes } from "@sluice/runtime";
import { CONFIG_OPTION, type AddCommand } from "../command.ts";
import { withFleet } from "../fleet-queue.ts";
import { chosenSource } from "../senders/chosen-source.ts";
import { table } from "../terminal/table.ts";

export const typesCommand: AddCommand = (program, shell) => {
  program
    .command("types")
    .argument("[source]")
    .description("what came in the last seven days, by source and type of event, and what became of it")
    .option(...CONFIG_OPTION)
    .option("--json", "one object a line")
    .action(async (source: string | undefined, options: { config?: string; json?: boolean }) => {
      await withFleet(shell.settings(options.config), async ({ configuration, queue }) => {
        const names = source === undefined ? [...configuration.sources.keys()] : [source];
        const seen = await queue.intake.seenTypes(names, systemClock.nowMs());
        const rows = names.flatMap((name) => {
          const types = seen.get(name) ?? [];
          const configured = configuration.sources.get(name);
          const unknown = configured === undefined ? types : unknownTypes(configured, types);
          return types.map((each) => ({ source: name, ...each, unknown: unknown.includes(each) }));
        });
        // A source that is gone from the file has its types shown as well: a name of which neither knows is a mistake.
        if (source !== undefined && rows.length === 0) chosenSource(configuration, source, source);
        if (options.json === true) return rows.forEach((row) => console.log(JSON.stringify(row)));
        if (rows.length === 0) return console.log("Nothing came in the last seven days.");
        const cells = rows.map((row) => [
          row.source,
          row.type,
          ...RESULTS.map((result) => String(row[result])),
          new Date(row.lastMs).toISOString(),
          row.unknown ? "no mapping takes it" : "",
        ]);
        console.log(table([["source", "type", ...RESULTS, "last", ""], ...cells]));
      });
    });
};
