import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { benchRecords } from "./records/main.ts";
import type { Finding, Row } from "./row.ts";
import { backlog } from "./rows/backlog.ts";
import { door } from "./rows/door.ts";
import { history } from "./rows/history.ts";
import { idle } from "./rows/idle.ts";
import { killed } from "./rows/killed.ts";
import { lanes } from "./rows/lanes.ts";
import { laneSize } from "./rows/lane-size.ts";
import { ledger } from "./rows/ledger.ts";
import { outage } from "./rows/outage.ts";
import { pending } from "./rows/pending.ts";
import { quota } from "./rows/quota.ts";
import { instructions, redis } from "./rows/redis.ts";
import { remembered } from "./rows/remembered.ts";
import { replay } from "./rows/replay.ts";
import { restarted } from "./rows/restarted.ts";
import { together } from "./rows/together.ts";
import { scripts } from "./rows/scripts.ts";
import { servers } from "./rows/servers.ts";
import { understood } from "./rows/understood.ts";
import { waiting } from "./rows/waiting.ts";
import { workers } from "./rows/workers.ts";
import { endSender } from "./sending.ts";
import { renderTable } from "./table.ts";
import { todayIn } from "./tree.ts";
import { wholeNumber } from "../whole-number.ts";

const ROWS: readonly Row[] = [
  door,
  redis,
  instructions,
  together,
  waiting,
  remembered,
  pending,
  idle,
  understood,
  backlog,
  quota,
  outage,
  history,
  ledger,
  killed,
  restarted,
  scripts,
  laneSize,
  lanes,
  servers,
  workers,
  replay,
];

if (process.argv[2] === "records") await benchRecords(process.argv.slice(3));
else await bench();

/** Measures one row after the other and prints the results. */
async function bench(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      /** Rounds of every row, in place of its own number. */
      rounds: { type: "string" },
      /** A directory that has today's release, with its dependencies. */
      today: { type: "string" },
      /** A directory for a CPU profile of every door and worker. */
      profile: { type: "string" },
      /** Items that the rows `waiting`, `remembered`, `pending` and `ledger` measure bytes over, in place of their own numbers. */
      events: { type: "string" },
    },
  });
  const rows = chosen(positionals);
  const rounds = values.rounds === undefined ? undefined : wholeNumber("rounds", values.rounds, 50);
  const events = values.events === undefined ? undefined : wholeNumber("events", values.events, 1_000_000);
  if (events !== undefined && events % 100 !== 0) throw new Error("--events must be a multiple of 100");
  const nodeOptions = values.profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${values.profile}`];
  const today = todayIn(values.today);
  // Everything that was started ends with this process; the files in the temporary directory do not.
  process.once("exit", () => today.remove());
  // There is a listener for each process that is to end with this one.
  process.setMaxListeners(50);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

  const findings: Finding[] = [];
  const notes: string[] = [];
  try {
    for (const { name, title, measure } of rows) {
      console.error(`${name}: ${title}`);
      const report = await measure({
        today: () => today.tree(),
        rounds,
        events,
        nodeOptions,
        progress: (text) => console.error(`  ${text}`),
      });
      findings.push(...report.findings);
      notes.push(...(report.notes ?? []).map((note) => `${name}: ${note}`));
    }
  } finally {
    await endSender();
  }
  console.log(`\n${availableParallelism()} cores, Node.js ${process.version}\n`);
  console.log([...(findings.length === 0 ? [] : [renderTable(findings)]), ...notes].join("\n"));
}

function chosen(names: readonly string[]): readonly Row[] {
  const unknown = names.filter((name) => !ROWS.some((row) => row.name === name));
  if (unknown.length > 0) {
    throw new Error(`${unknown.join(", ")}: the rows are ${ROWS.map(({ name }) => name).join(", ")}, and records`);
  }
  return ROWS.filter(({ name, always }) => (names.length === 0 ? always : names.includes(name)));
}
