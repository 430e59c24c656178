import { Option, type Command } from "commander";
import type { Issue } from "@sluice/console";
import { ISSUE_KINDS } from "@sluice/runtime";
import type { AddCommand, Shell } from "../command.ts";
import { asking, clientOf, type ConsoleCallOptions } from "../console/event-filters.ts";
import { printable } from "../terminal/printable.ts";
import { table } from "../terminal/table.ts";

type Listing = ConsoleCallOptions & { readonly state?: string; readonly kind?: string };
type Acting = ConsoleCallOptions & { readonly reason?: string };

const STATES = ["unresolved", "open", "acknowledged", "resolved", "all"];

const ACTS = {
  ack: { path: "acknowledge", says: "says that somebody looks after one: it is counted as open no more" },
  resolve: { path: "resolve", says: "says that one's cause is mended: it is opened again when it comes back" },
} as const;

/** `issues`: faults by their cause, as the console keeps them. */
export const issuesCommands: AddCommand = (program, shell) => {
  const issues = program
    .command("issues")
    .description("faults by their cause, each with its life: what is wrong, since when, and who looks after it");
  const list = issues
    .command("list", { isDefault: true })
    .description("open ones first; without --state those that are not resolved");
  asking(list)
    .addOption(new Option("--state <state>", "in this state").choices(STATES))
    .addOption(new Option("--kind <kind>", "of this kind").choices(ISSUE_KINDS))
    .action(async ({ state, kind, ...options }: Listing) => {
      const found = await clientOf(shell, options).get<{ issues: readonly Issue[] }>("/api/issues", { state, kind });
      if (options.json === true) for (const issue of found.issues) console.log(JSON.stringify(issue));
      else console.log(found.issues.length === 0 ? "There is no issue." : listed(found.issues));
    });
  asking(issues.command("show <id>").description("one, with its life")).action(
    async (id: string, options: ConsoleCallOptions) => {
      print(await clientOf(shell, options).get<Issue>(pathOf(id)), options);
    },
  );
  for (const [name, act] of Object.entries(ACTS)) addAct(issues, shell, name, act);
};

function addAct(issues: Command, shell: Shell, name: string, act: (typeof ACTS)[keyof typeof ACTS]): void {
  asking(issues.command(`${name} <id>`).description(act.says))
    .option("--reason <text>", "what others should know about it")
    .action(async (id: string, { reason, ...options }: Acting) => {
      const body = reason === undefined ? {} : { reason };
      print(await clientOf(shell, options).post<Issue>(`${pathOf(id)}/${act.path}`, body), options);
    });
}

function pathOf(id: string): string {
  return `/api/issues/${encodeURIComponent(id)}`;
}

function print(issue: Issue, { json }: ConsoleCallOptions): void {
  console.log(json === true ? JSON.stringify(issue) : told(issue));
}

function listed(issues: readonly Issue[]): string {
  const rows = issues.map(({ id, state, severity, openedAt, title, runbook }) => [
    id,
    severity === "page" && state !== "resolved" ? `${state}, urgent` : state,
    openedAt,
    title,
    runbook,
  ]);
  return table([["id", "state", "opened", "issue", "runbook"], ...rows]);
}

function told({ id, state, title, says, runbook, openings, isSeen, lastSeenAt, life }: Issue): string {
  return [
    printable(`${title}   ${state}   ${id}`),
    printable(says),
    `runbook: ${runbook}`,
    `opened ${openings === 1 ? "once" : `${openings} times`}; ${isSeen ? "its cause stands" : `last seen ${lastSeenAt}`}`,
    "",
    ...life.map(({ at, what, by, reason }) =>
      printable(`${at}  ${what}${by === null ? "" : ` by ${by}`}${reason === null ? "" : `: ${reason}`}`),
    ),
  ].join("\n");
}
