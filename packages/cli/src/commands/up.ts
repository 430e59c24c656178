import { CONFIG_OPTION, type AddCommand } from "../command.ts";
import { introduce } from "../roles/introduction.ts";
import { runSamples, whatNext } from "../samples.ts";
import { startUp } from "../roles/up.ts";

export const upCommand: AddCommand = (program, shell) => {
  program
    .command("up")
    .description("all roles in one process, with a private Redis and Postgres where none is named")
    .option(...CONFIG_OPTION)
    .option("--samples", "send the sample webhooks and show what became of each")
    .option("--no-samples", "start without them")
    .option("--exit", "stop after the samples, with exit code 1 if one did not end as expected")
    .action(async (options: { config?: string; samples?: boolean; exit?: boolean }) => {
      const startedAt = performance.now();
      const settings = shell.settings(options.config);
      console.log("Sluice is starting …");
      const up = await startUp(settings);
      shell.stopOnSignal(up.shutdown);
      console.log(introduce(up, performance.now() - startedAt));
      // The samples are those of the configuration that ships with Sluice; another configuration knows other senders.
      const ours = options.config === undefined && settings.env["SLUICE_CONFIG"] === undefined;
      const withSamples = options.samples === true && ours;
      const asExpected = withSamples ? await runSamples(up) : true;
      if (options.exit === true) {
        await up.shutdown.stop();
        shell.exit(asExpected ? 0 : 1);
      }
      if (withSamples) console.log(`\n${whatNext(up)}`);
      console.log("\nSluice runs. Ctrl-C ends it.");
    });
};
