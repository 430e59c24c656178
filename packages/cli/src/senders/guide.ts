import { gradeOf, presetFetches, type Scheme, type Sender } from "@sluice/event";
import { stringify } from "yaml";
import { identityPage } from "./identity-page.ts";
import { SENDERS_LEFT_OUT } from "./senders-left-out.ts";
import { sourceOf, variableOf } from "./source-name.ts";
import { fetchComment, fetchOf } from "./written-fetch.ts";

/** A page of docs/senders: its file's name, and its text. */
export type GuidePage = { readonly file: string; readonly text: string };

/** Every page that is made of the senders' data, and the index of them. */
export function guidePages(senders: readonly Sender[]): readonly GuidePage[] {
  const pages = senders.flatMap((sender) => [
    { file: `${sender.name}.md`, text: pageOf(sender) },
    ...exampleOf(sender),
  ]);
  return [
    ...pages,
    { file: "README.md", text: indexOf(senders) },
    { file: "identity.md", text: identityPage(senders) },
  ];
}

function pageOf(sender: Sender): string {
  const { name, title, guide, sample, presetSources = [] } = sender;
  const source = sourceOf(sender);
  const fill = (text: string): string =>
    text.replaceAll("{url}", "the source's URL").replaceAll("{secret}", "the secret");
  return [
    `# ${title}`,
    "",
    `\`scheme: ${name}\`. ${gradeSentence(sender)}`,
    "",
    "## At the sender",
    "",
    `The source's URL is \`https://YOUR-HOST/webhooks/${source}\`, where \`${source}\` is its name in \`sluice.yaml\`.`,
    "",
    ...guide.steps.map((step, index) => `${index + 1}. ${fill(step)}`),
    "",
    `The secret: ${fill(guide.secret)}`,
    "",
    ...exampleLines(sender),
    "## In sluice.yaml",
    "",
    "```yaml",
    "sources:",
    `  ${source}:`,
    `    scheme: ${name}`,
    `    secrets: ["\${${variableOf(source)}}"]`,
    ...(signsUrl(sender) ? [`    public_url: https://YOUR-HOST/webhooks/${source} # the sender signs it`] : []),
    ...fetchLines(sender, source),
    `    records: ${sender.presets?.length ? "preset # what its common objects become" : "[] # what its events mean"}`,
    "```",
    "",
    `\`npx pnpm sluice init ${name}\` writes this${!sender.presets?.length ? "" : `, with the rows that \`preset\` stands for: ${sender.presets.map(({ object }) => object).join(", ")}`}.`,
    "",
    "## Try it",
    "",
    `${sendSentence(sender, source)} \`npx pnpm sluice try ${source}\` tells what it becomes, and sends nothing.`,
    "",
    ...sampleLines(sample),
    "",
    "## What to know",
    "",
    ...[...factsOf(sender), ...guide.notes.map(fill)].map((note) => `- ${note}`),
    "",
    "## What will surprise you",
    "",
    ...guide.surprises.map((surprise) => `- ${surprise}`),
    "",
    "## Its order",
    "",
    `${guide.order} [Identity and order](identity.md) has the table of all senders.`,
    "",
    "## Where this stands",
    "",
    ...[...new Set([...guide.sources, ...presetSources])].map((address) => `- <${address}>`),
    "",
  ].join("\n");
}

/** How the sample is sent. A sender with a key that is its own can't be played here. */
function sendSentence(sender: Sender, source: string): string {
  if (!isSignedHere(sender.check)) return "`sluice send` can't sign this for the sender: its key is its own.";
  const outcome = signsBody(sender) ? "and refused" : "and accepted, since nothing is signed";
  const tampered = sender.check.type === "members" ? "and refused where that is a signed member" : outcome;
  return `\`npx pnpm sluice send ${sender.name} --source ${source}\` signs this and sends it; with \`--tamper\` it is changed after that, ${tampered}.`;
}

/** Whether the source's own secret makes a request authentic. */
export function isSignedHere(check: Sender["check"]): boolean {
  switch (check.type) {
    case "signature":
      return check.key !== "pem-bundle" && check.alg !== "ed25519";
    case "members":
      return check.key !== "pem-bundle";
    case "jwt":
      return check.jwks !== true;
    case "any":
      return check.of.some(isSignedHere);
    case "token":
    case "basic":
    case "bearer":
    case "mtls-header":
      return true;
    case "ip":
    case "none":
      return false;
  }
}

/** The source's `fetch`, where its rows can't do without. */
function fetchLines(sender: Sender, source: string): string[] {
  if (presetFetches(sender) !== "always") return [];
  const written = stringify({ fetch: fetchOf(sender, source) }, { lineWidth: 0 }).trimEnd();
  const notes = fetchComment(sender).map((note) => `    # ${note}`);
  return [...notes, ...written.split("\n").map((line) => `    ${line}`)];
}

function gradeSentence(scheme: Scheme): string {
  switch (gradeOf(scheme)) {
    case "signed body":
      return "The body is signed: nobody can change it on its way.";
    case "authenticated caller":
      return "The caller is authenticated, the body is not signed: who holds the credential can send anything.";
    case "URL secret only":
      return "Nothing but the URL is secret: keep it out of logs and proxies, and add a list of addresses where you can.";
  }
}

function factsOf({ deadlineMs, limits, handshakes, event, body, reply }: Sender): string[] {
  const success = reply.success;
  const megabytes = limits.bodyBytes / 1024 ** 2;
  return [
    ...(deadlineMs === undefined ? [] : [`The sender waits ${deadlineMs / 1000} s for an answer.`]),
    ...(success === undefined
      ? []
      : [
          `A success is answered with ${success.status}${success.body === "none" ? " and no body" : ""}, as the sender wants it.`,
        ]),
    ...(handshakes === undefined ? [] : ["The sender asks before it delivers anything; the source answers by itself."]),
    ...(event.split === "one" && event.each === undefined
      ? []
      : ["One request may carry many events: all are stored, or none."]),
    ...(event.thin === "always"
      ? [
          "Events are thin: they say which record changed and not how. Have the document fetched ([fetch](../fetch.md)).",
        ]
      : []),
    ...(body === "salesforce-soap" ? ["The body is SOAP; document types and entities are refused."] : []),
    `A body may have up to ${megabytes < 1 ? `${limits.bodyBytes / 1024} KB` : `${megabytes} MB`}; \`body_limit\` changes that.`,
  ];
}

function sampleLines({ method, query, headers, body }: Sender["sample"]): string[] {
  const text = typeof body === "string" ? body : JSON.stringify(body, null, 2);
  const shown = Object.entries(headers).map(([header, value]) => `${header}: ${value}`);
  return [
    "```",
    ...(method === undefined && query === undefined ? [] : [`${method ?? "POST"} /webhooks/…${query ?? ""}`]),
    ...shown,
    "",
    text,
    "```",
  ];
}

function exampleLines({ name, guide: { example } }: Sender): string[] {
  if (example === undefined) return [];
  const { title, language } = example;
  return [`## ${title}`, "", `[${name}.${language}](${name}.${language}), to be copied as it is.`, ""];
}

function exampleOf({ name, guide: { example } }: Sender): GuidePage[] {
  return example === undefined ? [] : [{ file: `${name}.${example.language}`, text: placed(example.code, name) }];
}

function placed(code: string, name: string): string {
  return code.replaceAll("{url}", `https://YOUR-HOST/webhooks/${name}`);
}

function indexOf(senders: readonly Sender[]): string {
  return [
    "# Senders",
    "",
    "One page for each sender, made from the same data as its scheme: `npx pnpm sluice schemes --guides docs/senders`. A test holds them together. [What tells each one's events apart and orders them](identity.md) is a page of its own.",
    "",
    "| sender | `scheme:` | what a request proves | batches | thin |",
    "|---|---|---|---|---|",
    ...senders.map(
      (sender) =>
        `| [${sender.title}](${sender.name}.md) | ${sender.name} | ${gradeOf(sender)} | ${batches(sender) ? "yes" : ""} | ${thinness(sender)} |`,
    ),
    "",
    "## Left out",
    "",
    "Senders that were looked at and have no scheme, because a fact is missing or does not go with how the door works. Most of them can call a `generic-hmac` or `generic-api-key-header` source instead.",
    "",
    ...SENDERS_LEFT_OUT.map(([who, why]) => `- **${who}**: ${why}`),
    "",
  ].join("\n");
}

export function batches({ event }: Scheme): boolean {
  return event.split !== "one" || event.each !== undefined;
}

/** Whether the scheme's events come without values. */
export function thinness({ event: { thin } }: Scheme): "always" | "at times" | "" {
  if (thin === undefined) return "";
  return thin === "always" ? "always" : "at times";
}

/** A source of such a scheme needs to know the URL that the sender was given. */
export function signsUrl({ check }: Scheme): boolean {
  if (check.type === "jwt") return check.aud?.includes("{url}") === true;
  return check.type === "signature" && check.content.includes("{url");
}

function signsBody(scheme: Scheme): boolean {
  return gradeOf(scheme) === "signed body";
}
