import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { bench } from "./bench.ts";
import { runCheck, type Result } from "./check.ts";
import { jsonOf, summaryOf, tableOf } from "./report.ts";
import { SUITE } from "./suite.ts";

const USAGE = `pnpm conformance --url URL --auth TOKEN|EMAIL/token:TOKEN

  --url URL            the host, for example https://acme.zendesk.com
  --auth …             an admin's bearer token, or email/token:token (also: the variable CONFORMANCE_AUTH)
  --agent-auth …       an agent's, for the checks of roles
  --only UPS,JOB-03    only these checks
  --slow               wait the minute that the checks of the incremental export need
  --json               the results as JSON, and nothing else

It makes custom objects of its own, whose keys begin with sluice_cf_, and removes them at the end.
Exit code 1: a check that is not a ruling of Sluice's own failed.`;

const { values } = parseArgs({
  options: {
    url: { type: "string" },
    auth: { type: "string" },
    "agent-auth": { type: "string" },
    only: { type: "string" },
    slow: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const auth = values.auth ?? process.env["CONFORMANCE_AUTH"];
if (values.help || values.url === undefined || auth === undefined) {
  console.error(USAGE);
  process.exit(values.help ? 0 : 2);
}
process.exit(await main(values.url, auth));

async function main(url: string, admin: string): Promise<number> {
  const passTime = async (ms: number) => {
    if (!values.json) console.error(`Waiting ${Math.ceil(ms / 1000)} s …`);
    await new Promise((resume) => setTimeout(resume, ms));
  };
  const on = bench(
    { url, auth: admin, agentAuth: values["agent-auth"], passTime: values.slow ? passTime : undefined },
    `sluice_cf_${randomBytes(4).toString("hex")}`,
  );
  const wanted = values.only?.split(",") ?? [];
  const checks = SUITE.filter(({ id }) => wanted.length === 0 || wanted.some((prefix) => id.startsWith(prefix)));
  const results: Result[] = [];
  try {
    for (const check of checks) {
      const result = await runCheck(check, on);
      results.push(result);
      if (!values.json && process.stderr.isTTY)
        process.stderr.write(`\r${check.id} ${results.length}/${checks.length} `);
    }
  } finally {
    const left = await on.clear();
    if (left.length > 0) console.error(`Could not be removed: ${left.join(", ")}`);
  }
  console.log(values.json ? jsonOf(results) : `\n${tableOf(results)}\n\n${summaryOf(results)}`);
  return results.some(({ outcome, check }) => outcome === "failed" && check.basis !== "ruling") ? 1 : 0;
}
