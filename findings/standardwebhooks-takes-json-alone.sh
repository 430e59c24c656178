#!/usr/bin/env bash
# A message that is rightly signed and no JSON ends in a SyntaxError, whose name says nothing of signatures.
#
# Expected: Standard Webhooks signs bytes, `{id}.{timestamp}.{body}`, and recommends JSON for them without demanding it. `verify` says that a message is not
# authentic by a WebhookVerificationError, the one error that the library exports for it; what it does not throw that for is authentic.
# Seen (standardwebhooks 1.1.1, svix 2.5.0): `verify` of standardwebhooks finds the signature right, then parses the body as JSON, and the parser's
# SyntaxError comes out for a text or a form. svix, the same interface, takes the same message. A handler that answers 400 to whatever `verify` throws
# refuses for ever what was signed well; one that answers 500 to errors it does not know has it sent again for days.
#
# Needs Node.js 20 or newer and npm, which installs the packages below into a temporary folder. Ends by itself.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --ignore-scripts --silent standardwebhooks@1.1.1 svix@2.5.0
echo "node $(node --version), standardwebhooks@1.1.1 svix@2.5.0"
cat >check.mjs <<'SCRIPT'
import { Webhook as Standard, WebhookVerificationError } from "standardwebhooks";
import { Webhook as Svix } from "svix";
let changed = false;
const check = (what, isSo, seen) => {
  console.log(isSo ? `as described: ${what}` : `CHANGED: ${what}: ${seen}`);
  changed ||= !isSo;
};
const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const now = new Date();
const judge = (library, body) => {
  const headers = {
    "webhook-id": "msg_1",
    "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
    "webhook-signature": new Standard(secret).sign("msg_1", now, body),
  };
  try {
    new library(secret).verify(body, headers);
    return "taken";
  } catch (error) {
    return error instanceof WebhookVerificationError ? "not authentic" : error.constructor.name;
  }
};
for (const body of ["id=1&status=paid", "shipped"]) {
  const [standard, svix] = [judge(Standard, body), judge(Svix, body)];
  check(`standardwebhooks throws a SyntaxError for ${JSON.stringify(body)}`, standard === "SyntaxError", standard);
  check(`svix takes ${JSON.stringify(body)}`, svix === "taken", svix);
}
check("both take JSON", judge(Standard, "{}") === "taken" && judge(Svix, "{}") === "taken", "one does not");
process.exit(changed ? 1 : 0);
SCRIPT
node check.mjs
