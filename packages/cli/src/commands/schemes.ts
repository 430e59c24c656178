import { schemeNames } from "@sluice/event";
import type { AddCommand } from "../command.ts";

export const schemesCommand: AddCommand = (program) => {
  program
    .command("schemes")
    .description("the schemes that sluice.yaml may name")
    .action(() => {
      for (const name of schemeNames()) console.log(name);
    });
};
