import { acting, allLanes } from "@sluice/operator";
import {
  describeUnseen,
  intakeBooks,
  isBalanced,
  RESULTS,
  type SourceAccount,
  type IntakeBooks,
  type Regressed,
  type Remains,
} from "@sluice/queue";
import { laneNames } from "@sluice/runtime";
import { CONFIG_OPTION, type AddCommand } from "../command.ts";
import { openFleetQueue } from "../fleet-queue.ts";
import { invoker } from "../invoker.ts";
import { describeLane, describeSource, leftSources, type LeftSource } from "../left-behind.ts";
import { createProgress } from "../terminal/progress.ts";
import { table } from "../terminal/table.ts";

type Row = SourceAccount & { readonly destination: string };

export const auditCommand: AddCommand = (program, shell) => {
  program
    .command("audit")
    .description(
      "shows where every webhook, event and change is; exit code 1 if one is missing, waits for nobody, or the state went back",
    )
    .option(...CONFIG_OPTION)
    .option("--json", "the accounts as JSON")
    .option("--seen", "somebody has looked after the states that went back: they are told no more")
    .action(async (options: { config?: string; json?: boolean; seen?: boolean }) => {
      const { configuration, queue } = await openFleetQueue(shell.settings(options.config));
      const progress = createProgress(process.stderr, () => performance.now());
      const rows: Row[] = [];
      let intake: IntakeBooks;
      let unserved: readonly Remains[];
      let sources: readonly LeftSource[];
      let regresses: readonly Regressed[];
      try {
        if (options.seen === true) {
          await acting(queue, invoker(), { action: "state.seen", target: "state" }, async () => {
            await queue.state.markSeen(Date.now());
            return { word: "seen" };
          });
        }
        regresses = await queue.state.regresses();
        intake = intakeBooks(await queue.intake.numbers());
        await queue.lanes.findOld();
        unserved = (await queue.lanes.left(laneNames(configuration))).filter(({ isServed }) => !isServed);
        sources = await leftSources(configuration, queue);
        for (const destination of await allLanes({ configuration, queue })) {
          const accounts = await queue.lanes.at(destination).audit((walked, of) => {
            progress.show(`${destination}: ${walked} of ${Math.max(walked, of)} pending records recounted`);
          });
          rows.push(...accounts.map((account) => ({ destination, ...account })));
        }
      } finally {
        progress.clear();
        await queue.close();
      }
      const balanced = rows.every(isBalanced) && intake.balanced;
      const said = {
        balanced,
        wentBack: regresses,
        jobs: intake.jobs,
        events: intake.events,
        accounts: rows,
        unserved,
        sources,
      };
      const unseen = describeUnseen(regresses);
      const left = [...unserved.map(describeLane), ...sources.map(describeSource)];
      const words = [
        describeIntake(intake),
        describe(rows),
        ...left,
        ...(unseen === null ? [] : [`Attention: ${unseen}.`]),
      ];
      console.log(options.json === true ? JSON.stringify(said, null, 2) : words.join("\n\n"));
      if (!balanced || left.length > 0 || unseen !== null) shell.exit(1);
    });
};

/** The first two books: jobs of the intake, and the events in them. */
function describeIntake({ jobs, events, balanced }: IntakeBooks): string {
  const { added, completed, waiting, active, delayed, failed, missing } = jobs;
  const books = [
    table([
      ["jobs added", "understood", "waiting", "active", "delayed", "failed", "missing"],
      [added, completed, waiting, active, delayed, failed, missing].map(String),
    ]),
  ];
  if (events.length > 0) {
    const rows = events.map((row) => [
      row.source,
      row.understood,
      ...RESULTS.map((result) => row.results[result]),
      row.missing,
    ]);
    books.push(table([["source", "events understood", ...RESULTS, "missing"], ...rows.map((row) => row.map(String))]));
  }
  const words = balanced
    ? "Every webhook waits or was understood, and every event that was understood ended in one way."
    : "The books of the intake are wrong. Keep Redis' data as it is and report this: it is a fault of Sluice.";
  return [...books, words].join("\n\n");
}

function describe(rows: readonly Row[]): string {
  if (rows.length === 0) return "Nothing has been accepted yet.";
  const head = [
    "destination",
    "source",
    "accepted",
    "applied",
    "merged",
    "superseded",
    "unchanged",
    "dead",
    "discarded",
  ];
  const body = rows.map(({ destination, source, accepted, outcomes, pending, missing, recounted }) => [
    destination,
    source,
    accepted,
    outcomes.applied,
    outcomes.merged,
    outcomes.superseded,
    outcomes.unchanged,
    outcomes.dead,
    outcomes.discarded,
    pending,
    recounted ?? "in traffic",
    missing,
  ]);
  const lines = table([[...head, "pending", "recounted", "missing"], ...body.map((row) => row.map(String))]);
  return `${lines}\n\n${verdict(rows)}`;
}

function verdict(rows: readonly Row[]): string {
  const wrong = rows.filter((row) => !isBalanced(row));
  if (wrong.length > 0) {
    const lines = wrong.map(({ destination, source, missing, pending, recounted }) =>
      missing !== 0
        ? `${destination}, ${source}: ${Math.abs(missing)} changes ${missing > 0 ? "have no outcome and are not pending" : "ended more than once"}.`
        : `${destination}, ${source}: ${pending} changes are counted as pending, and the records hold ${recounted}.`,
    );
    return [
      ...lines,
      "The accounts are wrong. Keep Redis' data as it is and report this: it is a fault of Sluice.",
    ].join("\n");
  }
  const moved = rows.some(({ recounted }) => recounted === null)
    ? " Pending changes could not be recounted while traffic runs."
    : "";
  return `Every accepted change is pending or has exactly one outcome.${moved}`;
}
