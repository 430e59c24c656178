#!/usr/bin/env bash
# A webhook without a signature is no InvalidSignatureError at GoCardless' library, but a TypeError of Node's.
#
# Expected: `parse(body, secret, header)` throws InvalidSignatureError for every webhook that is not authentic, so that a handler can answer 498, as
# GoCardless asks, and treat everything else as a fault of its own.
# Seen (gocardless-nodejs 10.1.2): a wrong signature is an InvalidSignatureError, and a request that has no Webhook-Signature header at all (undefined, as
# every HTTP framework hands it over) is a TypeError from crypto. So whoever calls the URL without the header is answered with 500 by a handler
# written after the README, and pages somebody.
#
# Needs Node.js 20 or newer and npm, which installs the packages below into a temporary folder. Ends by itself.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --ignore-scripts --silent gocardless-nodejs@10.1.2
echo "node $(node --version), gocardless-nodejs@10.1.2"
cat >check.mjs <<'SCRIPT'
import { createRequire } from "node:module";
const { parse, InvalidSignatureError } = createRequire(import.meta.url)("gocardless-nodejs/webhooks");
import { createHmac } from "node:crypto";
let changed = false;
const check = (what, isSo, seen) => {
  console.log(isSo ? `as described: ${what}` : `CHANGED: ${what}: ${seen}`);
  changed ||= !isSo;
};
const body = JSON.stringify({ events: [{ id: "EV1", resource_type: "mandates", action: "active", links: {} }] });
const right = createHmac("sha256", "secret").update(body).digest("hex");
const thrownBy = (header) => {
  try {
    parse(body, "secret", header);
    return undefined;
  } catch (error) {
    return error;
  }
};
check("a right signature is taken", thrownBy(right) === undefined, thrownBy(right));
const wrong = thrownBy(right.replace(/^./, (digit) => (digit === "0" ? "1" : "0")));
check("a wrong one is an InvalidSignatureError", wrong instanceof InvalidSignatureError, wrong?.constructor.name);
const none = thrownBy(undefined);
check("a header that is missing is none", none !== undefined && !(none instanceof InvalidSignatureError), none);
check("it is a TypeError", none instanceof TypeError, none?.constructor.name);
process.exit(changed ? 1 : 0);
SCRIPT
node check.mjs
