import { parseArgs } from "node:util";
import { differences, printResult } from "./result.ts";
import { PROFILES, profileOf, type ProfileName } from "./profiles.ts";
import { runChaos, type Plan, type Progress } from "./run.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    minutes: { type: "string", default: "2" },
    records: { type: "string", default: "2000" },
    rate: { type: "string", default: "250" },
    "fault-every-ms": { type: "string", default: "2500" },
    unfenced: { type: "boolean", default: false },
    faults: { type: "string", default: "usual" },
    replicas: { type: "string", default: "0" },
    lanes: { type: "string", default: "1" },
  },
});

const seed = number("seed", values.seed ?? String(Date.now() % 1_000_000));
const faults = profileNamed(values.faults);
const plan: Plan = {
  seed,
  seconds: number("minutes", values.minutes) * 60,
  records: number("records", values.records),
  eventsPerSecond: number("rate", values.rate),
  ingresses: 2,
  workers: 3,
  faultEveryMs: number("fault-every-ms", values["fault-every-ms"]),
  settleMs: 420_000,
  resume: false,
  fences: !values.unfenced && profileOf(faults).unfenced !== true,
  faults,
  replicas: Number(values.replicas),
  lanes: number("lanes", values.lanes),
  databaseUrl: process.env["SLUICE_TEST_DATABASE_URL"],
};
console.log(
  `Chaos with seed ${seed} for ${plan.seconds} s: ${profileOf(faults).about}${plan.fences ? "" : "; the store checks no token"}`,
);
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  // Everything that was started is ended on the way out.
  process.once(signal, () => stop.abort(new Error(`stopped by ${signal}`)));
}
const result = await runChaos(plan, tell(), stop.signal);
console.log(`\n${printResult(result)}`);
process.exit(differences(result).length === 0 ? 0 : 1);

/** A live line on a terminal, else a line every few seconds. */
function tell(): Progress {
  let toldAt = 0;
  return (line, last = false) => {
    if (process.stdout.isTTY) process.stdout.write(`\r\u001B[2K${line}${last ? "\n" : ""}`);
    else if (last || performance.now() - toldAt > 5000) {
      toldAt = performance.now();
      console.log(line);
    }
  };
}

function number(option: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new Error(`--${option} must be a number above 0, not ${text}`);
}

function profileNamed(text: string): ProfileName {
  if (text in PROFILES) return text as ProfileName;
  const names = Object.entries(PROFILES).map(([name, { about }]) => `  ${name}: ${about}`);
  throw new Error(`--faults is one of\n${names.join("\n")}\nnot ${text}`);
}
