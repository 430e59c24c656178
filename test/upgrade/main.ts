import { parseArgs } from "node:util";
import { temporaryFolder } from "../bench/folder.ts";
import { NOW, todayIn } from "../bench/tree.ts";
import { tryUpgrade } from "./run.ts";

/*
 * The release before and this one side by side, on one Redis and under load, there and back. Installing the release before needs
 * the registry.
 */
const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    today: { type: "string" },
    rate: { type: "string", default: "100" },
    "events-per-step": { type: "string", default: "1200" },
  },
});
const before = todayIn(values.today);
// A signal ends the process by an exit, on which its children end too.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
try {
  const startedAt = performance.now();
  const found = await tryUpgrade(
    {
      seed: Number(values.seed),
      before: before.tree(),
      now: NOW,
      folder: temporaryFolder(),
      records: 400,
      eventsPerSecond: Number(values.rate),
      eventsPerStep: Number(values["events-per-step"]),
    },
    (line) => console.log(`${Math.round((performance.now() - startedAt) / 1000)} s  ${line}`),
  );
  for (const line of found) console.error(line);
  console.log(found.length === 0 ? "No difference." : `${found.length} differences, seed ${values.seed}`);
  process.exitCode = found.length === 0 ? 0 : 1;
} finally {
  before.remove();
}
