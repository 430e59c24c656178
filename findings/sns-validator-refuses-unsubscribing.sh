#!/usr/bin/env bash
# sns-validator refuses every UnsubscribeConfirmation that Amazon SNS signs.
#
# Expected: SNS signs a SubscriptionConfirmation and an UnsubscribeConfirmation over Message, MessageId, SubscribeURL, Timestamp, Token, TopicArn and Type, says "Verifying
# the signatures of Amazon SNS messages". A validator that demands Token of both signs it in both.
# Seen (sns-validator 0.3.5): it knows both types where it looks whether Token and SubscribeURL are there, and leaves Token out of what an UnsubscribeConfirmation
# signed. So the message that says that an endpoint has been taken off its topic, and how to come back, is refused as forged.
#
# Needs Node.js 20 or newer, npm and openssl; npm installs the packages below into a temporary folder. Nothing is fetched: the certificate is made
# here and handed to the library in place of the download. Ends by itself.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --ignore-scripts --silent sns-validator@0.3.5
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -subj "/CN=sns.amazonaws.com" -days 2 2>/dev/null
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
https.get = (_url, answer) => {
  const response = Object.assign(new PassThrough(), { statusCode: 200 });
  setImmediate(() => (answer(response), response.end(readFileSync("cert.pem"))));
  return { on() {} };
};
const SIGNED = {
  Notification: ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
  SubscriptionConfirmation: ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
  UnsubscribeConfirmation: ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
};
const messageOf = (Type) => {
  const message = {
    Type,
    MessageId: "165545c9-2a5c-472c-8df2-7ff2be2b3b1b",
    TopicArn: "arn:aws:sns:eu-central-1:123456789012:orders",
    Message: "text",
    Timestamp: "2026-11-05T11:59:57.000Z",
    SignatureVersion: "2",
    SigningCertURL: "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-00000000000000000000000000000000.pem",
  };
  if (Type !== "Notification") Object.assign(message, { Token: "2336412f37", SubscribeURL: "https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription" });
  const text = SIGNED[Type].filter((name) => name in message).map((name) => `${name}\n${message[name]}\n`).join("");
  return { ...message, Signature: createSign("RSA-SHA256").update(text).sign(readFileSync("key.pem"), "base64") };
};
const judge = (message) => new Promise((resolve) => new Validator().validate(message, (error) => resolve(error?.message ?? "taken")));
(async () => {
  for (const type of ["Notification", "SubscriptionConfirmation"]) {
    const said = await judge(messageOf(type));
    check(`a ${type} that is signed as documented is taken`, said === "taken", said);
  }
  const said = await judge(messageOf("UnsubscribeConfirmation"));
  check("an UnsubscribeConfirmation that is signed as documented is refused", /signature is invalid/i.test(said), said);
  process.exit(changed ? 1 : 0);
})();
SCRIPT
node check.cjs
