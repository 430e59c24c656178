#!/usr/bin/env bash
# From Node.js 24 on node:readline ends a line within a JSON text, at U+2028.
#
# Expected: JSON lets U+2028 and U+2029 stand in a string as they are (RFC 8259, §7), JSON.stringify writes them so, and a line of NDJSON ends with \n.
# Node.js' manual says that `line` comes at "an end-of-line input (\n, \r, or \r\n)".
# Seen (Node 24.21.0; 20.20.2 and 22.23.5 do as the manual says): readline takes U+2028 and U+2029 for the end of a line too. So a reader of NDJSON that
# uses it, as most examples do, gets two halves of a row that holds such a character (word processors put them into texts), neither of which is JSON. A
# program that ran well for years does so after nothing but an upgrade; a reader that splits at \n gets the row.
#
# Needs Node.js 20 or newer, of which it says what is so there. Ends by itself.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo "node $(node --version)"
cat >check.mjs <<'SCRIPT'
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
let changed = false;
const check = (what, isSo, seen) => {
  console.log(isSo ? `as described: ${what}` : `CHANGED: ${what}: ${seen}`);
  changed ||= !isSo;
};
const splits = Number(process.versions.node.split(".")[0]) >= 24;
const isJson = (line) => {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
};
const linesOf = async (text) => {
  const lines = [];
  for await (const line of createInterface({ input: Readable.from([text]) })) lines.push(line);
  return lines;
};
for (const [name, character] of [["U+2028", "\u2028"], ["U+2029", "\u2029"]]) {
  const row = JSON.stringify({ id: 7, note: `first${character}second` });
  check(`JSON.stringify leaves ${name} as it is`, row.includes(character), row);
  const lines = await linesOf(`${row}\n`);
  const seen = JSON.stringify(lines);
  if (splits) check(`readline makes two lines of one row with ${name}, neither of them JSON`, lines.length === 2 && !lines.some(isJson), seen);
  else check(`this older readline makes one line of a row with ${name}`, lines.length === 1, seen);
  const split = `${row}\n`.split("\n").slice(0, -1);
  check(`split at \\n there is one, which is JSON`, split.length === 1 && isJson(split[0]), JSON.stringify(split));
}
const others = await linesOf("a\u0085b\u000bc\u000cd\n");
check("other characters that Unicode calls an end of a line are none", others.length === 1, JSON.stringify(others));
process.exit(changed ? 1 : 0);
SCRIPT
node check.mjs
