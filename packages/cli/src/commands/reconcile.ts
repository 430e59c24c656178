import type { Reconcile } from "@sluice/console";
import type { AddCommand, Shell } from "../command.ts";
import type { ConsoleClient } from "../console/console-client.ts";
import { counted } from "../terminal/counted.ts";
import { asking, clientOf, type ConsoleCallOptions } from "../console/event-filters.ts";
import { followed } from "../console/followed.ts";
import { isMended, reconcileText, standing } from "../reconcile/reconcile-text.ts";
import { table } from "../terminal/table.ts";
import { wholeNumber } from "../whole-number.ts";

type Asked = ConsoleCallOptions & { readonly object?: string; readonly sample?: number; readonly repair?: boolean };

/** `reconcile`: what a destination shows against what it has confirmed, by the console, which goes on when this command is broken off. */
export const reconcileCommands: AddCommand = (program, shell) => {
  // The options behind `reconcile list` are its own, though `reconcile` has ones of the same names.
  program.enablePositionalOptions();
  const command = program
    .command("reconcile")
    .argument("[destination]")
    .description(
      "compares the records of a destination with what it has confirmed; with --repair what it does not show is written again; from the history",
    );
  asking(command)
    .option("--object <object>", "the records of this object alone")
    .option("--sample <n>", "so many records, chosen by chance, and all that are doubtful", (text: string) =>
      wholeNumber("--sample", text),
    )
    .option("--repair", "write again what the destination does not show: never over anything newer")
    .action(async (destination: string | undefined, { object, sample, repair = false, ...options }: Asked) => {
      if (destination === undefined) return command.help({ error: true });
      const client = clientOf(shell, options);
      const { id } = await client.post<Reconcile>("/api/reconciles", { destination, object, sample, repair });
      finish(shell, options, await ended(shell, client, id));
    });
  asking(command.command("list").description("reconciles, the newest first")).action(
    async (options: ConsoleCallOptions) => {
      const { items } = await clientOf(shell, options).get<{ items: readonly Reconcile[] }>("/api/reconciles");
      if (options.json === true) for (const item of items) console.log(JSON.stringify(item));
      else console.log(items.length === 0 ? "There is no reconcile." : listed(items));
    },
  );
  asking(command.command("show <id>").description("one: how far it is, and what it has found")).action(
    async (id: string, options: ConsoleCallOptions) => {
      finish(shell, options, await clientOf(shell, options).get<Reconcile>(pathOf(id)));
    },
  );
  asking(command.command("abort <id>").description("ends one; what was repaired stays so")).action(
    async (id: string, options: ConsoleCallOptions) => {
      const client = clientOf(shell, options);
      await client.post<Reconcile>(`${pathOf(id)}/abort`);
      const found = await ended(shell, client, id);
      console.log(options.json === true ? JSON.stringify(found) : reconcileText(found));
    },
  );
};

function pathOf(id: string): string {
  return `/api/reconciles/${encodeURIComponent(id)}`;
}

async function ended(shell: Shell, client: ConsoleClient, id: string): Promise<Reconcile> {
  const isOver = ({ state }: Reconcile): boolean => state !== "running";
  return await followed(shell, client, { path: pathOf(id), isOver, standing, shownBy: `sluice reconcile show ${id}` });
}

/** Prints a reconcile as it stands; the exit code tells whether all is well by now. */
function finish(shell: Shell, { json }: ConsoleCallOptions, found: Reconcile): void {
  console.log(json === true ? JSON.stringify(found) : reconcileText(found));
  if (!isMended(found)) shell.exit(1);
}

function listed(items: readonly Reconcile[]): string {
  const rows = items.map(({ id, startedAt, destination, object, state, repair, report, by }) => [
    id,
    startedAt,
    object === null ? destination : `${destination}/${object}`,
    state,
    report === null ? "" : counted(report.compared, "record"),
    report === null ? "" : String(Object.values(report.found).reduce((sum, each) => sum + each, 0)),
    repair ? String(report?.repairs["mended"] ?? 0) : "",
    by,
  ]);
  return table([["id", "begun", "of", "state", "compared", "found", "mended", "by"], ...rows]);
}
