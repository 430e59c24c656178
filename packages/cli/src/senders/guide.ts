import { gradeOf, presetFetches, type Scheme, type Sender } from "@sluice/event";
import { stringify } from "yaml";
import { identityPage } from "./identity-page.ts";
import { sourceOf, variableOf } from "./source-name.ts";
import { fetchComment, fetchOf } from "./written-fetch.ts";

/** A page of docs/senders: its file's name, and its text. */
export type Page = { readonly file: string; readonly text: string };

/** Every page that is made of the senders' data, and the index of them. */
export function guidePages(senders: readonly Sender[]): readonly Page[] {
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
    "```sh",
    `npx pnpm sluice send ${name} --source ${source}   # signs the sample below and sends it: the answer is a success`,
    `npx pnpm sluice send ${name} --source ${source} --tamper   # changes it after signing${signsBody(sender) ? ": it is refused" : "; nothing is signed, so it is accepted"}`,
    `npx pnpm sluice try ${source}   # what the sample becomes, without sending anything`,
    "```",
    "",
    "The sample:",
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
  const { title, language, code } = example;
  return [
    `## ${title}`,
    "",
    `Also as a file: [${name}.${language}](${name}.${language}).`,
    "",
    `\`\`\`${language}`,
    placed(code, name).trimEnd(),
    "```",
    "",
  ];
}

function exampleOf({ name, guide: { example } }: Sender): Page[] {
  return example === undefined ? [] : [{ file: `${name}.${example.language}`, text: placed(example.code, name) }];
}

function placed(code: string, name: string): string {
  return code.replaceAll("{url}", `https://YOUR-HOST/webhooks/${name}`);
}

/** Senders without a scheme, and why. */
const LEFT_OUT: readonly (readonly [who: string, why: string])[] = [
  [
    "Zoho Desk",
    "its own webhooks prove themselves by a token whose times its documentation tells in two ways; let a workflow rule's custom function call a generic source.",
  ],
  [
    "Adyen's standard webhooks of payments",
    "they sign eight members of each notification and not the body, so that one with another date or reason would still be authentic. Their basic authentication goes with `generic-basic`; platform and management webhooks, which are signed whole, with `adyen-platforms`.",
  ],
  [
    "Amazon SNS",
    "it signs members of the message, with a certificate that the message names, and its subscription is confirmed by visiting a URL in it; so far the door finds signatures in headers alone. Subscribe an EventBridge rule or a queue instead, and use `amazon-eventbridge`.",
  ],
  [
    "NetSuite's own event subscriptions",
    "no page of Oracle's tells how they are signed; the `netsuite` scheme brings a script that signs.",
  ],
  ["SAP SuccessFactors", "what Intelligent Services sends is built by each customer: `generic-basic` takes it."],
  [
    "ServiceNow",
    "it has no webhooks of its own; a business rule with an outbound REST message can send to any generic source.",
  ],
  ["PrestaShop", "webhooks come with modules, each with a scheme of its own and none of them published by PrestaShop."],
  ["Billit, Podium", "how they sign is published, what their bodies say of id and time is not."],
];

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
    ...LEFT_OUT.map(([who, why]) => `- **${who}**: ${why}`),
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
