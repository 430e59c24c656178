import { Command } from "commander";
import { schemeNames } from "@sluice/event";
import {
  configurationJsonSchema,
  describeError,
  loadConfiguration,
  onStopSignal,
  type Shutdown,
} from "@sluice/runtime";
import { configurationEnvironment, readSettings } from "./environment.ts";
import { ROLES, startRole } from "./role.ts";
import { runSamples } from "./samples.ts";
import { introduce } from "./introduction.ts";
import { startUp } from "./up.ts";

const program = new Command("sluice")
  .description("ERP and CRM webhooks in, converged records out")
  .showHelpAfterError()
  .configureHelp({ sortSubcommands: false });

program
  .command("up")
  .description("all roles in one process, with a private Redis and Postgres where none is named")
  .option("--config <file>", "the configuration (SLUICE_CONFIG, sluice.yaml)")
  .option("--samples", "send the sample webhooks and show what became of each")
  .option("--no-samples", "start without them")
  .option("--exit", "stop after the samples, with exit code 1 if one did not end as expected")
  .action(async (options: { config?: string; samples?: boolean; exit?: boolean }) => {
    const startedAt = performance.now();
    const settings = withConfig(options.config);
    const up = await startUp(settings);
    stopOnSignal(up.shutdown);
    console.log(introduce(up, performance.now() - startedAt));
    // The samples are those of the configuration that ships with Sluice; another one knows other senders.
    const ours = options.config === undefined && settings.env["SLUICE_CONFIG"] === undefined;
    if (options.samples === true && ours) {
      const asExpected = await runSamples(up);
      if (options.exit === true) {
        await up.shutdown.stop();
        process.exit(asExpected ? 0 : 1);
      }
    } else if (options.exit === true) {
      await up.shutdown.stop();
      process.exit(0);
    }
    console.log("\nSluice runs. Ctrl-C ends it.");
  });

for (const role of ROLES) {
  program
    .command(role)
    .description(`the ${role} role alone${role === "records" ? "" : ", with SLUICE_REDIS_URL"}`)
    .option("--config <file>", "the configuration (SLUICE_CONFIG, sluice.yaml)")
    .action(async (options: { config?: string }) => {
      const { shutdown } = await startRole(role, withConfig(options.config));
      stopOnSignal(shutdown);
    });
}

program
  .command("schemes")
  .description("the schemes that sluice.yaml may name")
  .action(() => {
    for (const name of schemeNames()) console.log(name);
  });

const config = program.command("config").description("the configuration file");
config
  .command("check")
  .description("reads the configuration and reports every fault with its place")
  .option("--config <file>", "the configuration (SLUICE_CONFIG, sluice.yaml)")
  .action(async (options: { config?: string }) => {
    const settings = withConfig(options.config);
    const { configPath } = settings;
    const { sources, destinations } = await loadConfiguration({
      path: configPath,
      env: configurationEnvironment(settings),
    });
    console.log(`${configPath} is right: ${sources.size} sources, ${destinations.size} destinations.`);
  });
config
  .command("schema")
  .description("the JSON Schema of the configuration file")
  .action(() => console.log(JSON.stringify(configurationJsonSchema(), null, 2)));

try {
  await program.parseAsync();
} catch (error) {
  console.error(describeError(error));
  if (process.env["SLUICE_LOG"] === "debug") console.error(error);
  process.exit(1);
}

function withConfig(path: string | undefined): ReturnType<typeof readSettings> {
  return readSettings(path === undefined ? process.env : { ...process.env, SLUICE_CONFIG: path });
}

function stopOnSignal(shutdown: Shutdown): void {
  const stop = (): void => {
    console.error("\nStopping: what is under way ends first; once more to end at once.");
    void shutdown.stop().then((ok) => process.exit(ok ? 0 : 1));
  };
  onStopSignal(stop, () => process.exit(130));
  // The process that started this one with a channel is gone: nobody could end this one any more.
  process.on("disconnect", stop);
}
