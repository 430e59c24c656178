import { laneNames, SluiceError } from "@sluice/runtime";
import type { Gate } from "@sluice/queue";
import { CONFIG_OPTION, type AddCommand, type Shell } from "../command.ts";
import { openFleetQueue } from "../fleet-queue.ts";

/** The operator's hand on the gate: what is held here stays so until it is resumed here. */
export const holdCommands: AddCommand = (program, shell) => {
  program
    .command("hold <destination>")
    .description("sends nothing to a destination until it is resumed; webhooks are taken in as before")
    .option("--reason <text>", "what others should know about it")
    .option(...CONFIG_OPTION)
    .action(async (destination: string, options: { config?: string; reason?: string }) => {
      await withGate(shell, options.config, destination, async (gate) => {
        await gate.hold(null, "operator", options.reason);
        console.log(`${destination} is held. sluice resume ${destination} lets it flow again.`);
      });
    });
  program
    .command("resume <destination>")
    .description("ends whatever holds a destination: one request tries first, then the flow comes back")
    .option(...CONFIG_OPTION)
    .action(async (destination: string, options: { config?: string }) => {
      await withGate(shell, options.config, destination, async (gate) => {
        const reason = await gate.resume();
        console.log(
          reason === null ? `${destination} is not held.` : `${destination} was held (${reason}) and flows again.`,
        );
      });
    });
};

async function withGate(
  shell: Shell,
  config: string | undefined,
  destination: string,
  act: (gate: Gate) => Promise<void>,
): Promise<void> {
  const { configuration, queue } = await openFleetQueue(shell.settings(config));
  try {
    const lanes = laneNames(configuration);
    if (!lanes.includes(destination)) {
      throw new SluiceError(`There is no destination "${destination}"`, {
        code: "destination_unknown",
        hint: `the configuration has ${lanes.join(", ")}`,
      });
    }
    await act(queue.gate(destination));
  } finally {
    await queue.close();
  }
}
