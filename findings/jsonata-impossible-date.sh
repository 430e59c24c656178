#!/usr/bin/env bash
# JSONata reads 30 February as 2 March, and refuses 32 February.
#
# Expected: `$toMillis` takes an ISO 8601 time, and what is none is an error (D3110), so that a due date which a sender got wrong is noticed.
# Seen (jsonata 2.2.2, Node 20 and 24): a day up to 31 that its month does not have is another day of the next month, without an error; from 32 on it is no
# date. It is JavaScript's own Date under the check of the form. `$fromMillis` then prints a date that looks right.
#
# Needs Node.js 20 or newer and npm, which installs the packages below into a temporary folder. Ends by itself.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --ignore-scripts --silent jsonata@2.2.2
echo "node $(node --version), jsonata@2.2.2"
cat >check.mjs <<'SCRIPT'
import jsonata from "jsonata";
let changed = false;
const check = (what, isSo, seen) => {
  console.log(isSo ? `as described: ${what}` : `CHANGED: ${what}: ${seen}`);
  changed ||= !isSo;
};
const read = async (time) => {
  try {
    return await jsonata(`$fromMillis($toMillis("${time}"))`).evaluate({});
  } catch (error) {
    return error.code ?? error.constructor.name;
  }
};
for (const [time, seen] of [
  ["2026-02-28T00:00:00Z", "2026-02-28T00:00:00.000Z"],
  ["2026-02-30T00:00:00Z", "2026-03-02T00:00:00.000Z"],
  ["2026-04-31T12:00:00Z", "2026-05-01T12:00:00.000Z"],
  ["2026-11-05T24:00:00Z", "2026-11-06T00:00:00.000Z"],
]) {
  const is = await read(time);
  check(`${time} is read as ${seen}`, is === seen, is);
}
const none = await read("2026-02-32T00:00:00Z");
check("32 February is no time", !/^2026-03/.test(String(none)), none);
process.exit(changed ? 1 : 0);
SCRIPT
node check.mjs
