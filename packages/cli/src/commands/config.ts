import { readFileSync } from "node:fs";
import { describeGrade, identityWarnings } from "@sluice/event";
import {
  acceptedSecrets,
  configurationJsonSchema,
  configurationWarnings,
  describeFault,
  laneNames,
  loadConfiguration,
  systemClock,
} from "@sluice/runtime/command";
import { CONFIG_OPTION, type AddCommand } from "../command.ts";
import { counted } from "../terminal/counted.ts";
import { configurationEnvironment, type Settings } from "../environment.ts";
import { describeFormer, formerSources, describeLane, describeSource, leftSources } from "../left-behind.ts";
import { printable } from "../terminal/printable.ts";
import { table } from "../terminal/table.ts";

type CheckOptions = { config?: string; recent?: boolean; online?: boolean; create?: boolean; live?: boolean };

export const configCommands: AddCommand = (program, shell) => {
  const config = program.command("config").description("the configuration file");
  config
    .command("check")
    .description(
      "reads the configuration, reports every fault with its place, and warns of what it probably does not mean",
    )
    .option(...CONFIG_OPTION)
    .option("--recent", "also look what came in the last seven days, and warn of types of events that no mapping takes")
    .option("--online", "also ask the destinations whether they have the objects and fields that rows write")
    .option("--create", "with --online: make those that the file defines under `objects`, where they are missing")
    .option(
      "--live",
      "also ask the running Redis what it holds of destinations and sources that the file does not name",
    )
    .action(async (options: CheckOptions) => {
      const settings = shell.settings(options.config);
      const { configPath } = settings;
      const env = configurationEnvironment(settings);
      const configuration = await loadConfiguration({ path: configPath, env });
      const { sources, destinations } = configuration;
      const now = systemClock.nowMs();
      const rows = [...sources.values()].map(({ name, scheme, secondFactor, secrets, mappings, fetch }) => [
        name,
        scheme.title,
        describeGrade(scheme, secondFactor),
        `${acceptedSecrets(secrets, now).length} of ${secrets.length} accepted now`,
        `${mappings.length}${fetch === null ? "" : ", fetched"}`,
      ]);
      if (rows.length > 0)
        console.log(`${table([["source", "sender", "a request proves", "secrets", "rows"], ...rows])}\n`);
      for (const { name, scheme } of sources.values()) {
        for (const warning of identityWarnings(scheme)) console.log(`warning: source ${name}: ${warning}`);
      }
      const warnings = await configurationWarnings(readFileSync(configPath, "utf8"), configuration);
      for (const warning of warnings) console.log(`warning: ${describeFault(configPath, warning)}`);
      const untaken = options.recent === true ? await untakenTypes(settings) : [];
      for (const line of untaken) console.log(`warning: ${printable(line)}`);
      const told = warnings.length + untaken.length;
      console.log(
        `${configPath} is right: ${counted(sources.size, "source")}, ${counted(destinations.size, "destination")}${told === 0 ? "" : `; ${counted(told, "warning")} above`}.`,
      );
      const isLeaving = options.live === true && (await leavesBehind(settings));
      if (options.online !== true) {
        if (isLeaving) shell.exit(1);
        return;
      }
      const { missingObjects, writtenObjects } = await import("../senders/missing-objects.ts");
      if (options.create === true) {
        const { makeObjects } = await import("../senders/make-objects.ts");
        await makeObjects({ objects: writtenObjects(configuration), destinations }, (line) => console.log(line));
      }
      const missing = await missingObjects(configuration);
      for (const line of missing) console.log(`missing: ${line}`);
      if (missing.length === 0) console.log("The destinations have all objects and fields that rows write.");
      if (missing.length > 0 || isLeaving) shell.exit(1);
    });
  config
    .command("schema")
    .description("the JSON Schema of the configuration file")
    .action(() => console.log(JSON.stringify(configurationJsonSchema(), null, 2)));
};

// The client of Redis and that of destinations take longer to load than the file takes to be checked.

async function untakenTypes(settings: Settings): Promise<readonly string[]> {
  return await (await import("../senders/untaken-types.ts")).untakenTypes(settings);
}

/** Prints the sources and lanes that a start with this file would leave behind in Redis. Answers whether there are any. */
async function leavesBehind(settings: Settings): Promise<boolean> {
  const { openFleetQueue } = await import("../fleet-queue.ts");
  const { configuration, queue } = await openFleetQueue(settings);
  try {
    await queue.lanes.findOld();
    const lanes = await queue.lanes.left(laneNames(configuration));
    const sources = await leftSources(configuration, queue);
    for (const lane of lanes) console.log(`left behind: ${describeLane(lane)}`);
    for (const source of sources) console.log(`left behind: ${describeSource(source)}`);
    for (const [source, events] of await formerSources(configuration, queue, sources)) {
      console.log(`mind: ${describeFormer(source, events)}`);
    }
    const isLeaving = lanes.length + sources.length > 0;
    if (!isLeaving) console.log("Redis holds nothing of destinations or sources that the file does not name.");
    return isLeaving;
  } finally {
    await queue.close();
  }
}
