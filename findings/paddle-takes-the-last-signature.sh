#!/usr/bin/env bash
# While a secret is rotated Paddle's library takes one of the two signatures, whichever stands last.
#
# Expected: Paddle signs with both secrets while one is rotated (`Paddle-Signature: ts=…;h1=…;h1=…`), so that a receiver with either of
# them takes the webhook. Whoever compares a list asks whether one of its members fits.
# Seen (@paddle/paddle-node-sdk 3.10.0): the members are read into an object, the second `h1` replaces the first, and a webhook whose first
# signature is right is refused. So the same webhook is good or bad by the order in which the sender writes its signatures.
#
# Needs Node.js 20 or newer and npm, which installs the packages below into a temporary folder. Ends by itself.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --ignore-scripts --silent @paddle/paddle-node-sdk@3.10.0
echo "node $(node --version), @paddle/paddle-node-sdk@3.10.0"
cat >check.mjs <<'SCRIPT'
import { createHmac } from "node:crypto";
import { Paddle } from "@paddle/paddle-node-sdk";
let changed = false;
const check = (what, isSo, seen) => {
  console.log(isSo ? `as described: ${what}` : `CHANGED: ${what}: ${seen}`);
  changed ||= !isSo;
};
const { webhooks } = new Paddle("none");
const body = JSON.stringify({ event_id: "evt_1", event_type: "customer.updated" });
const time = Math.floor(Date.now() / 1000);
const signed = (secret) => `h1=${createHmac("sha256", secret).update(`${time}:${body}`).digest("hex")}`;
const takes = (...members) => webhooks.isSignatureValid(body, "mine", [`ts=${time}`, ...members].join(";"));
const alone = await takes(signed("mine"));
check("one signature that is right is taken", alone === true, alone);
const last = await takes(signed("other"), signed("mine"));
check("of two the last one counts", last === true, last);
const first = await takes(signed("mine"), signed("other"));
check("the first one, as right, does not", first === false, first);
process.exit(changed ? 1 : 0);
SCRIPT
node check.mjs
