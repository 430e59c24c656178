import { globSync } from "node:fs";
import { basename } from "node:path";

const GATE = "recovery probe job-permits request-permits gate";
const LANE = "records sent-again aside ledger merging traces dedupe-clock dead-letter-store lane-model model";

/** Tests that look at a script, the quickest to fail first, by their names in packages/queue/src. */
const TESTS: Readonly<Record<string, string>> = {
  elect: "election",
  report: "recovery probe gate",
  gate: GATE,
  grant: `${GATE} spread-claims`,
  claims: "records sent-again probe sessions merge-claims shares wide-records spread-claims lane-model gate",
  merge: `merge-claims old-release ${LANE}`,
  settle: `${LANE} gate`,
  move: "move change-lanes",
  begin: "scripts lost-jobs",
  raise: "scripts lost-jobs",
  book: "scripts seen-types intake",
};

/** The test files that hold a script. */
export function testsOf(file: string): readonly string[] {
  const names = TESTS[basename(file, ".lua")] ?? (file.includes("/intake/") ? TESTS["book"]! : LANE);
  return names.split(" ").map((name) => {
    const [path] = globSync(`packages/queue/src/**/${name}.test.ts`);
    if (path === undefined) throw new Error(`there is no test ${name}`);
    return path;
  });
}
