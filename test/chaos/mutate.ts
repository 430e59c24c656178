import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { copiedTree } from "../copied-tree.ts";
import { MUTATIONS } from "./mutations.ts";

// Breaks a copy of the committed tree in one place after the other and runs the tests that must notice. `mutate.ts [WORD]`
// tries those with the word in their name.
const wanted = process.argv[2] ?? "";
const TEST_MS = 300_000;
const { tree } = copiedTree();
let survived = 0;
for (const { name, file, from, to, caughtBy } of MUTATIONS.filter((each) => each.name.includes(wanted))) {
  const path = join(tree, file);
  const whole = readFileSync(path, "utf8");
  if (whole.split(from).length !== 2) throw new Error(`«${name}» does not fit ${file} any more`);
  writeFileSync(
    path,
    whole.replace(from, () => to),
  );
  for (const test of caughtBy) {
    const startedAt = performance.now();
    const { status, stdout, stderr } = spawnSync("vitest", ["run", test, "--reporter=dot"], {
      cwd: tree,
      encoding: "utf8",
      // A test that waits for ever for what the broken tree does not do has noticed it, too.
      timeout: TEST_MS,
    });
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
    const why =
      /^(?:\+ {3}"|AssertionError: |Error: )(.*)$/m.exec(stripColours(stdout + stderr))?.[1]?.slice(0, 140) ?? "";
    console.log(`${status === 0 ? "SURVIVED" : "caught"}  ${name}  ${test}  ${seconds} s  ${why}`);
    if (status === 0) survived += 1;
  }
  writeFileSync(path, whole);
}
process.exit(survived === 0 ? 0 : 1);

function stripColours(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/\u001B\[[\d;]*m/g, "");
}
