#!/usr/bin/env bash
# CloudEvents' library calls a text JSON and sends it without its quotes.
#
# Expected: `data` may be any JSON value, and with `datacontenttype: application/json` a text goes out as a JSON text, "shipped". (CloudEvents,
# JSON format, section 3.1: "data … any valid JSON value"; in binary mode the body is data encoded as its content type says.)
# Seen (cloudevents 10.0.0): in binary mode the body is `shipped` under `content-type: application/json`, which no JSON parser reads; an object and a
# list are written as JSON. So a status that is sent as a text is refused by every receiver that believes the content type, and taken by this library alone.
#
# Needs Node.js 20 or newer and npm, which installs the packages below into a temporary folder. Ends by itself.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --ignore-scripts --silent cloudevents@10.0.0
echo "node $(node --version), cloudevents@10.0.0"
cat >check.mjs <<'SCRIPT'
import { CloudEvent, HTTP } from "cloudevents";
let changed = false;
const check = (what, isSo, seen) => {
  console.log(isSo ? `as described: ${what}` : `CHANGED: ${what}: ${seen}`);
  changed ||= !isSo;
};
const sent = (data) => {
  const event = { id: "1", source: "/shop", type: "order.status", datacontenttype: "application/json", data };
  return HTTP.binary(new CloudEvent(event));
};
const isJson = (text) => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};
const text = sent("shipped");
check("the content type says JSON", /^application\/json/.test(text.headers?.["content-type"]), JSON.stringify(text.headers));
check("the body of a text is none", text.body === "shipped" && !isJson(text.body), text.body);
const back = HTTP.toEvent({ headers: text.headers, body: text.body });
check("the library reads it all the same", back.data === "shipped", JSON.stringify(back.data));
const list = sent([5, true]).body;
check("a list is written as JSON", list === "[5,true]", list);
process.exit(changed ? 1 : 0);
SCRIPT
node check.mjs
