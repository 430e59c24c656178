#!/usr/bin/env bash
# sns-validator takes a certificate from an S3 bucket that is called sns.
#
# Expected: "The certificate should come from an SNS-signed URL … Don't trust any certificates provided in the message without validation" (Verifying the signatures of Amazon SNS
# messages). So the host of `SigningCertURL` is `sns.` and a region.
# Seen (sns-validator 0.3.5): the host is checked by /^sns\.[a-zA-Z0-9\-]{3,}\.amazonaws\.com(\.cn)?$/, which fits `sns.s3-us-west-2.amazonaws.com` too: the address of the bucket `sns`
# in S3's old spelling of a region, whose files are its owner's. The certificate is all that is asked: neither its name nor its issuer is. So whoever may write to such a bucket, in any
# region, signs as Amazon SNS. A receiver is on the safe side with its own `hostPattern` of real regions, and a look at TopicArn, which the library leaves to the caller.
#
# Needs Node.js 20 or newer, npm and openssl; npm installs the packages below into a temporary folder. Nothing is fetched: the certificate is made
# here and handed to the library in place of the download. Ends by itself.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --ignore-scripts --silent sns-validator@0.3.5
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -subj "/CN=nobody.example" -days 2 2>/dev/null
echo "node $(node --version), sns-validator@0.3.5"
cat >check.cjs <<'SCRIPT'
const { createSign } = require("node:crypto");
const { readFileSync } = require("node:fs");
const https = require("node:https");
const { PassThrough } = require("node:stream");
const Validator = require("sns-validator");
let changed = false;
const check = (what, isSo, seen) => {
  console.log(isSo ? `as described: ${what}` : `CHANGED: ${what}: ${seen}`);
  changed ||= !isSo;
};
const asked = [];
https.get = (url, answer) => {
  asked.push(String(url.href ?? url));
  const response = Object.assign(new PassThrough(), { statusCode: 200 });
  setImmediate(() => (answer(response), response.end(readFileSync("cert.pem"))));
  return { on() {} };
};
const messageFrom = (host) => {
  const message = {
    Type: "Notification",
    MessageId: "165545c9-2a5c-472c-8df2-7ff2be2b3b1b",
    TopicArn: "arn:aws:sns:eu-central-1:123456789012:orders",
    Message: "forged",
    Timestamp: "2026-11-05T11:59:57.000Z",
    SignatureVersion: "2",
    SigningCertURL: `https://${host}/any.pem`,
  };
  const text = ["Message", "MessageId", "Timestamp", "TopicArn", "Type"].map((name) => `${name}\n${message[name]}\n`).join("");
  return { ...message, Signature: createSign("RSA-SHA256").update(text).sign(readFileSync("key.pem"), "base64") };
};
const judge = (message) => new Promise((resolve) => new Validator().validate(message, (error) => resolve(error?.message ?? "taken")));
(async () => {
  const other = await judge(messageFrom("sns.example.com"));
  check("a certificate from elsewhere is refused", other !== "taken", other);
  for (const host of ["sns.s3-us-west-2.amazonaws.com", "sns.s3-eu-west-1.amazonaws.com"]) {
    const said = await judge(messageFrom(host));
    check(`a message that is signed with a key of our own is taken, with its certificate at ${host}`, said === "taken", said);
  }
  check("both certificates were asked for", asked.length === 2, asked.join(" "));
  process.exit(changed ? 1 : 0);
})();
SCRIPT
node check.cjs
