import { RESULTS } from "@sluice/queue";
import { SluiceError, systemClock, unknownTypes } from "@sluice/runtime";
import { CONFIG_OPTION, type AddCommand } from "../command.ts";
import { openFleetQueue } from "../fleet-queue.ts";
import { table } from "../table.ts";

export const typesCommand: AddCommand = (program, shell) => {
  program
    .command("types")
    .argument("[source]")
    .description("what came in the last seven days, by source and type of event, and what became of it")
    .option(...CONFIG_OPTION)
    .option("--json", "one object a line")
    .action(async (source: string | undefined, options: { config?: string; json?: boolean }) => {
      const { configuration, queue } = await openFleetQueue(shell.settings(options.config));
      try {
        const sources = [...configuration.sources.values()].filter(({ name }) => (source ?? name) === name);
        const names = source === undefined || sources.length > 0 ? sources.map(({ name }) => name) : [source];
        const seen = await queue.intake.seenTypes(names, systemClock.nowMs());
        const rows = names.flatMap((name) => {
          const types = seen.get(name) ?? [];
          const configured = configuration.sources.get(name);
          const unknown = configured === undefined ? types : unknownTypes(configured, types);
          return types.map((each) => ({ source: name, ...each, unknown: unknown.includes(each) }));
        });
        if (source !== undefined && sources.length + rows.length === 0)
          throw unknownSource(source, configuration.sources);
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
      } finally {
        await queue.close();
      }
    });
};

/** A name that neither the file nor what came in knows is a mistake; a source that is gone from the file is none. */
function unknownSource(name: string, sources: ReadonlyMap<string, unknown>): SluiceError {
  return new SluiceError(`sluice.yaml has no source "${name}", and nothing came in under that name`, {
    code: "source_missing",
    hint: `name one of ${[...sources.keys()].join(", ") || "none yet"}`,
  });
}
