import { handsSecretOver } from "@sluice/event";
import { placesInFleet } from "@sluice/ingress";
import { SluiceError } from "@sluice/runtime";
import { CONFIG_OPTION, type AddCommand } from "../command.ts";
import { withFleet } from "../fleet-queue.ts";
import { chosenSource } from "../senders/chosen-source.ts";

/** Shows a handed secret: a person has to paste Notion's token back, and whoever may read Redis may see it. */
export const handedCommand: AddCommand = (program, shell) => {
  program
    .command("handed <source>")
    .description("the secret that a sender handed over to this source, for a sender that wants it pasted back")
    .option(...CONFIG_OPTION)
    .action(async (name: string, options: { config?: string }) => {
      await withFleet(shell.settings(options.config), async ({ configuration, queue }) => {
        const source = chosenSource(configuration, name, name);
        if (source.secrets.length > 0 || !handsSecretOver(source.scheme)) {
          throw new SluiceError(`The source "${name}" is handed no secret`, {
            code: "secret_not_handed",
            hint: "name a source whose sender hands its secret over, such as Notion or Asana, and which has no `secrets`",
          });
        }
        const secret = await placesInFleet(queue, [...configuration.destinations.keys()])(name).get();
        if (secret === null) {
          throw new SluiceError(`No secret has been handed over to "${name}" yet`, {
            code: "secret_not_handed",
            hint: "make the webhook at the sender within an hour after the start of an ingress",
          });
        }
        console.log(secret);
      });
    });
};
