import { execFile, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { findSender, sign, signRequest, verify, type Sender, type WebhookRequest } from "@sluice/event";

/*
 * `pnpm vendors`: the libraries of vendors that are too large for a development dependency judge requests signed here, and sign
 * requests judged here. The libraries are installed for the command, beside the workspace; smaller ones stand in services/ingress/src/verification/vendors.test.ts.
 */
const HERE = fileURLToPath(new URL(".", import.meta.url));
const KEPT = fileURLToPath(new URL("../../node_modules/.cache/sluice-vendors/", import.meta.url));
const SCHEMES = [
  "adyen-platforms",
  "hubspot-v1",
  "hubspot-v2",
  "hubspot-v3",
  "linear",
  "notion",
  "shopify",
  "shopify-events",
  "square",
] as const;
const SECRETS: Partial<Record<(typeof SCHEMES)[number], string>> = {
  "adyen-platforms": "D7DD5BA6146493707BF0BE7496F6404EC7A63616B7158EC927B9F54BB436765F",
};
/** Parts that the library alone demands: Linear's judges the time within the body, Shopify's wants a header that is going away. */
const MORE: Partial<Record<(typeof SCHEMES)[number], (nowMs: number) => { headers?: object; members?: object }>> = {
  linear: (nowMs) => ({ members: { webhookTimestamp: nowMs } }),
  "shopify-events": () => ({ headers: { "shopify-event-id": "98880550-7158-44d4-b7cd-2c97c8a091b5" } }),
};
const URL_OF_DOOR = "https://in.example.com/webhooks/shop";

const run = promisify(execFile);
const npm = join(dirname(process.execPath), "npm");
mkdirSync(KEPT, { recursive: true });
cpSync(join(HERE, "package.json"), join(KEPT, "package.json"));
cpSync(join(HERE, "judges.js.txt"), join(KEPT, "judges.js"));
await run(existsSync(npm) ? npm : "npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: KEPT });

const libraries = spawn(process.execPath, ["judges.js"], { cwd: KEPT, stdio: ["pipe", "pipe", "inherit"] });
const answers = createInterface({ input: libraries.stdout })[Symbol.asyncIterator]();
const faults: string[] = [];
for (const scheme of SCHEMES) await compare(scheme);
await compareAdyen();
libraries.stdin.end();
console.log(`${SCHEMES.length + 1} schemes, ${faults.length === 0 ? "of one mind" : faults.join("; ")}`);
process.exitCode = faults.length > 0 ? 1 : 0;

/** The library must take requests signed here, and none that was changed afterwards; and the other way round, where the library signs. */
async function compare(scheme: (typeof SCHEMES)[number]): Promise<void> {
  const sender = findSender(scheme) as Sender;
  const secret = SECRETS[scheme] ?? "a-secret-of-ours";
  const nowMs = Date.now();
  const expect = (what: string, isSo: unknown): void => {
    if (isSo !== true) faults.push(`${scheme}: ${what}`);
  };
  for (const note of ["plain", "Müller & Söhne 🛒 ", '\\"\\n']) {
    const more = MORE[scheme]?.(nowMs);
    const body = JSON.stringify(withMembers(sender.sample.body, { ...more?.members, note }));
    const request = requestOf(sender, body);
    const headers = { ...sender.sample.headers, ...more?.headers, ...sign(sender, request, secret, nowMs) };
    const asked = { ask: "judge", scheme, secret, url: URL_OF_DOOR };
    expect(`its library refuses what is signed here (${note})`, await said({ ...asked, headers, body }));
    expect(
      "its library takes a body that was changed",
      (await said({ ...asked, headers, body: `${body} ` })) === false,
    );
    expect(
      "its library takes another secret",
      (await said({ ...asked, secret: secret.replace(/.$/, "0"), headers, body })) === false,
    );
    const signed = (await said({ ask: "sign", scheme, secret, url: URL_OF_DOOR, body, nowMs })) as Record<
      string,
      string
    > | null;
    if (signed === null) continue;
    const judge = async (sent: string) =>
      (await verify(sender, requestOf(sender, sent, signed), [secret], nowMs, {})).ok;
    expect(`what its library signs is refused here (${note})`, await judge(body));
    expect("what its library signed is taken with another body", !(await judge(`${body} `)));
  }
}

/** Adyen's notifications carry their signatures themselves. */
async function compareAdyen(): Promise<void> {
  const sender = findSender("adyen") as Sender;
  const secret = SECRETS["adyen-platforms"]!;
  const isTaken = async (body: string): Promise<boolean> =>
    (await verify(sender, requestOf(sender, body), [secret], Date.now(), {})).ok;
  for (const merchantReference of ["plain", "Müller & Söhne 🛒", "14-08-2020-09:53:00", "x\\y", ""]) {
    const [{ NotificationRequestItem: item }] = (sender.sample.body as unknown as Batch).notificationItems;
    const body = JSON.stringify({ notificationItems: [{ NotificationRequestItem: { ...item, merchantReference } }] });
    const ours = Buffer.from(signRequest(sender, requestOf(sender, body), secret, Date.now()).body).toString("utf8");
    const theirs = JSON.stringify(await said({ ask: "sign", scheme: "adyen", secret, body }));
    const judged = await said({ ask: "judge", scheme: "adyen", secret, body: ours });
    if (judged !== true) faults.push(`adyen: its library refuses what is signed here (${merchantReference})`);
    if (!(await isTaken(theirs))) faults.push(`adyen: what its library signs is refused here (${merchantReference})`);
    if (await isTaken(theirs.replace("1130", "1131"))) faults.push("adyen: another amount is taken");
  }
}

type Batch = { readonly notificationItems: readonly [{ readonly NotificationRequestItem: object }] };

function withMembers(body: unknown, members: object): unknown {
  if (Array.isArray(body)) return body.map((each) => withMembers(each, members));
  return { ...(body as object), ...members };
}

function requestOf(sender: Sender, body: string, added: Readonly<Record<string, string>> = {}): WebhookRequest {
  const headers = Object.entries({ ...sender.sample.headers, ...added });
  return {
    method: "POST",
    url: URL_OF_DOOR,
    path: new URL(URL_OF_DOOR).pathname,
    headers: new Map(headers.map(([name, value]) => [name.toLowerCase(), [value]])),
    body: Buffer.from(body),
  };
}

async function said(request: object): Promise<unknown> {
  libraries.stdin.write(`${JSON.stringify(request)}\n`);
  const { value, done } = await answers.next();
  if (done === true) throw new Error("the libraries' process ended");
  return JSON.parse(value);
}
