#!/usr/bin/env bash
# One signature of Adyen's is good for several notifications.
#
# Expected: a signature over the members of a notification is good for those members, so that nobody can change an amount or an event and keep the signature.
# Seen (@adyen/api-library 32.1.0): the values are joined with colons as they are. A colon within a value counts as much as one between two, so a notification whose `merchantReference` holds
# one (such as an order's date and time) can be parted otherwise: another amount, currency, event and result under the same signature, and the library takes it. Of what is not signed,
# such as `eventDate`, anything is taken. (The escaping that Adyen's page once told of was never done, says adyen-php-api-library#165.) A receiver that lets a colon stand in `merchantReference`
# alone has one way to part the text.
#
# Needs Node.js 20 or newer and npm, which installs the packages below into a temporary folder. Ends by itself.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --ignore-scripts --silent @adyen/api-library@32.1.0
echo "node $(node --version), @adyen/api-library@32.1.0"
cat >check.cjs <<'SCRIPT'
const { hmacValidator: Validator } = require("@adyen/api-library");
let changed = false;
const check = (what, isSo, seen) => {
  console.log(isSo ? `as described: ${what}` : `CHANGED: ${what}: ${seen}`);
  changed ||= !isSo;
};
const validator = new Validator();
const key = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056";
const refused = {
  pspReference: "853597395210930A",
  originalReference: "",
  merchantAccountCode: "Shop",
  merchantReference: "14-08-2020-09:53",
  amount: { value: 7500, currency: "SEK" },
  eventCode: "AUTHORISATION",
  success: "false",
  eventDate: "2026-11-05T12:00:00+01:00",
};
const hmacSignature = validator.calculateHmac(refused, key);
const takes = (item) => validator.validateHMAC({ ...item, additionalData: { hmacSignature } }, key);
check("the notification as it was signed is taken", takes(refused) === true, takes(refused));
check("another amount under its signature is refused", takes({ ...refused, amount: { value: 1, currency: "SEK" } }) === false, "taken");
const parted = {
  ...refused,
  merchantReference: "14-08-2020-09",
  amount: { value: 53, currency: "7500" },
  eventCode: "SEK",
  success: "AUTHORISATION:false",
};
check("the same text, parted in another way, is taken", takes(parted) === true, takes(parted));
const dated = { ...refused, eventDate: "2030-01-01T00:00:00Z" };
check("another date is taken", takes(dated) === true, takes(dated));
process.exit(changed ? 1 : 0);
SCRIPT
node check.cjs
