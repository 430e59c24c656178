import { CONFIG_OPTION, type AddCommand } from "../command.ts";
import { ROLES, startRole } from "../role.ts";

export const roleCommands: AddCommand = (program, shell) => {
  for (const role of ROLES) {
    program
      .command(role)
      .description(`the ${role} role alone${role === "records" ? "" : ", with SLUICE_REDIS_URL"}`)
      .option(...CONFIG_OPTION)
      .action(async (options: { config?: string }) => {
        const { shutdown } = await startRole(role, shell.settings(options.config));
        shell.stopOnSignal(shutdown);
      });
  }
};
