import { findSender, sampleEvents, type Sender } from "@sluice/event";

/** The table of identities: by sender, the marks that tell its events apart and order them, from its scheme and its sample. */
export function identityPage(senders: readonly Sender[]): string {
  return [
    "# Identity and order",
    "",
    "Made from the senders' data, like the pages beside it. How each tells its events apart, how finely its versions count, and what decides where two versions are the same.",
    "",
    "- **Id**: what the sender gave the event or the delivery; a repetition has the same and changes nothing within `dedupe_window`. Several in a row: the first that the webhook has. *Made*: a digest of type, times, version and the event's content, without what differs between attempts. A record's id with its modified time is no id: several changes share it.",
    `- **The builder's**: ${OWN.map(code).join(", ")}; made without.`,
    "- **Version**: what orders changes, and how finely it counts in the sample. No sender promises that deliveries come in order, so a version is a time that the sender says of the record or of the event, never a number whose order it does not promise (Salesforce's `commitNumber`), and never the time of an attempt. It is what presets and `version: time` order by. Of a thin event it is the notice's; the fetched document has one of its own.",
    "- **A tie**: the event's own time where it is finer than the version, and then the order of arrival. Where arrival decides, `fetch` is exact.",
    "",
    "| sender | id | version | a tie is decided by | the version is | who promises its order |",
    "|---|---|---|---|---|---|",
    ...senders.map(
      (sender) =>
        `| [${sender.title}](${sender.name}.md) | ${ids(sender)} | ${order(sender).join(" | ")} | ${madeOf(sender)} | ${sender.guide.order} |`,
    ),
    "",
  ].join("\n");
}

/** Event rules of schemes whose sender is a person's own script. */
const OWN = findSender("generic-hmac")?.event.id ?? [];

function ids({ event: { id, delivery = [] } }: Sender): string {
  if (id === OWN) return "the builder's";
  const extra = delivery.map((template) => ` with ${code(template)}`).join("");
  return id.length === 0 ? `made${extra}` : id.map(code).join(", ");
}

/** The place of the version: the first that a webhook has. */
function madeOf({ event: { version = [], time } }: Sender): string {
  const rules = version.length > 0 ? version : time;
  return rules.length === 0 ? "nothing" : [...new Set(rules.map(({ from }) => code(from)))].join(", ");
}

/** A template as code, without the placeholders that only have to be there. */
function code(template: string): string {
  const text = template.replaceAll(/\{\?[^{}]*\}/g, "").replaceAll(/\{(?:event\.)?([^{}]*)\}/g, "$1");
  return `\`${text}\``;
}

/** How finely the version counts, and what decides between equal versions. */
function order(sender: Sender): readonly [string, string] {
  const [event] = sampleEvents(sender, sender.name);
  const { version, time, finer } = event!;
  const text = version ?? time ?? undefined;
  if (text === undefined) return ["none", "arrival"];
  const isFiner = finer !== undefined && (isInteger(text) || digitsOf(finer) > digitsOf(text));
  return [unitOf(text), isFiner ? `the event's time (${unitOf(finer)}), then arrival` : "arrival"];
}

function isInteger(version: string): boolean {
  return /^\d+$/.test(version);
}

/** Digits of a second's fraction, in steps of three; a fraction of zeros has none. */
function digitsOf(time: string): number {
  const [, fraction = ""] = /\.(\d*?)0*Z$/.exec(time) ?? [];
  return Math.ceil(fraction.length / 3) * 3;
}

function unitOf(version: string): string {
  if (isInteger(version)) return "a whole number";
  return ["seconds", "milliseconds", "microseconds", "nanoseconds"][digitsOf(version) / 3] ?? "seconds";
}
