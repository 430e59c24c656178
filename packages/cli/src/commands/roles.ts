import { Option } from "commander";
import { PLANS, type PlanName } from "@sluice/zendesk";
import { CONFIG_OPTION, type AddCommand } from "../command.ts";
import { ROLES, startRole } from "../roles/role.ts";

type RoleOptions = { config?: string; asZendesk?: PlanName; throttleBody?: "json" | "text" };

export const roleCommands: AddCommand = (program, shell) => {
  for (const role of ROLES) {
    const command = program
      .command(role)
      .description(`the ${role} role alone${role === "records" ? "" : ", with SLUICE_REDIS_URL"}`)
      .option(...CONFIG_OPTION);
    if (role === "records") {
      command
        .addOption(
          new Option("--as-zendesk <plan>", "behave as a Zendesk account, for tests").choices(Object.keys(PLANS)),
        )
        .addOption(
          new Option("--throttle-body <kind>", "how a 429 of --as-zendesk is worded").choices(["json", "text"]),
        );
    }
    command.action(async ({ config, asZendesk: plan, throttleBody }: RoleOptions) => {
      const standIn = plan && { plan, ...(throttleBody === undefined ? {} : { throttleBody }) };
      const { shutdown } = await startRole(role, shell.settings(config), { standIn });
      shell.stopOnSignal(shutdown);
    });
  }
};
