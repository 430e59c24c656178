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
import type { Configuration } from "@sluice/runtime";
import { CONFIG_OPTION, type AddCommand } from "../command.ts";
import { counted } from "../terminal/counted.ts";
import { configurationEnvironment, type Settings } from "../environment.ts";
import { describeFormer, formerSources, describeLane, describeSource, leftSources } from "../left-behind.ts";
import { printable } from "../terminal/printable.ts";
import { table } from "../terminal/table.ts";

type CheckOptions = {
  config?: string;
  recent?: boolean;
  online?: boolean;
  create?: boolean;
  live?: boolean;
  json?: boolean;
};

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
    .option("--json", "as JSON; a faulty file is told as without it")
    .action(async (options: CheckOptions) => {
      const settings = shell.settings(options.config);
      const { configPath } = settings;
      const env = configurationEnvironment(settings);
      const configuration = await loadConfiguration({ path: configPath, env });
      const { sources, destinations } = configuration;
      const now = systemClock.nowMs();
      const say = (line: string): void => void (options.json === true || console.log(line));
      const told = [...sources.values()].map(({ name, scheme, secondFactor, secrets, mappings, fetch }) => ({
        name,
        sender: scheme.title,
        proves: describeGrade(scheme, secondFactor),
        secrets: secrets.length,
        acceptedSecrets: acceptedSecrets(secrets, now).length,
        rows: mappings.length,
        isFetched: fetch !== null,
      }));
      const rows = told.map(({ name, sender, proves, ...each }) => [
        name,
        sender,
        proves,
        `${each.acceptedSecrets} of ${each.secrets} accepted now`,
        `${each.rows}${each.isFetched ? ", fetched" : ""}`,
      ]);
      if (rows.length > 0) say(`${table([["source", "sender", "a request proves", "secrets", "rows"], ...rows])}\n`);
      const ofIdentity = [...sources.values()].flatMap(({ name, scheme }) =>
        identityWarnings(scheme).map((warning) => `source ${name}: ${warning}`),
      );
      const ofFile = await configurationWarnings(readFileSync(configPath, "utf8"), configuration);
      const untaken = options.recent === true ? (await untakenTypes(settings)).map(printable) : [];
      const counting = [...ofFile.map((warning) => describeFault(configPath, warning)), ...untaken];
      const warnings = [...ofIdentity, ...counting];
      for (const warning of warnings) say(`warning: ${warning}`);
      say(
        `${configPath} is right: ${counted(sources.size, "source")}, ${counted(destinations.size, "destination")}${counting.length === 0 ? "" : `; ${counted(counting.length, "warning")} above`}.`,
      );
      const left = options.live === true ? await leftBehind(settings) : null;
      for (const line of left?.lines ?? []) say(line);
      const missing = options.online === true ? await missingAt(configuration, options.create === true, say) : null;
      if (options.json === true) {
        const isLeaving = left?.isLeaving ?? null;
        console.log(
          JSON.stringify(
            {
              path: configPath,
              sources: told,
              destinations: [...destinations.keys()],
              warnings,
              missing,
              isLeaving,
              left: left?.lines ?? null,
            },
            null,
            2,
          ),
        );
      }
      if (left?.isLeaving === true || (missing ?? []).length > 0) shell.exit(1);
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

/** The objects and fields that rows write and destinations lack, in lines; those that the file defines are made first, if that is asked for. */
async function missingAt(
  configuration: Configuration,
  isMaking: boolean,
  say: (line: string) => void,
): Promise<readonly string[]> {
  const { missingObjects, writtenObjects } = await import("../senders/missing-objects.ts");
  if (isMaking) {
    const { makeObjects } = await import("../senders/make-objects.ts");
    await makeObjects({ objects: writtenObjects(configuration), destinations: configuration.destinations }, say);
  }
  const missing = await missingObjects(configuration);
  for (const line of missing) say(`missing: ${line}`);
  if (missing.length === 0) say("The destinations have all objects and fields that rows write.");
  return missing;
}

/** The sources and lanes that a start with this file would leave behind in Redis, in lines, and whether there are any. */
async function leftBehind(
  settings: Settings,
): Promise<{ readonly lines: readonly string[]; readonly isLeaving: boolean }> {
  const { openFleetQueue } = await import("../fleet-queue.ts");
  const { configuration, queue } = await openFleetQueue(settings);
  try {
    await queue.lanes.findOld();
    const lanes = await queue.lanes.left(laneNames(configuration));
    const sources = await leftSources(configuration, queue);
    const former = await formerSources(configuration, queue, sources);
    const isLeaving = lanes.length + sources.length > 0;
    const lines = [
      ...lanes.map((lane) => `left behind: ${describeLane(lane)}`),
      ...sources.map((source) => `left behind: ${describeSource(source)}`),
      ...[...former].map(([source, events]) => `mind: ${describeFormer(source, events)}`),
      ...(isLeaving ? [] : ["Redis holds nothing of destinations or sources that the file does not name."]),
    ];
    return { lines, isLeaving };
  } finally {
    await queue.close();
  }
}
