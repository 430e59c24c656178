import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { findSender, presetObjects, senders, type Scheme, type Sender } from "@sluice/event";
import { readConfiguration, SluiceError } from "@sluice/runtime";
import { createZendeskClient, ensureObject } from "@sluice/zendesk/client";
import { CONFIG_OPTION, type AddCommand } from "../command.ts";
import { configurationEnvironment, type Settings } from "../environment.ts";
import { signsUrl, sourceOf, variableOf } from "../senders/guide.ts";
import { withSource } from "../senders/written-source.ts";

type Options = {
  readonly config?: string;
  readonly source?: string;
  readonly destination?: string;
  readonly create?: boolean;
};

export const initCommand: AddCommand = (program, shell) => {
  program
    .command("init <sender>")
    .description("writes a source of this sender into sluice.yaml and says what to do at the sender")
    .option(...CONFIG_OPTION)
    .option("--source <name>", "what to call it; without it the sender's name")
    .option("--destination <name>", "where its records go; without it the only destination")
    .option("--create", "make the objects and fields at the destination, where they are missing")
    .action(async (name: string, options: Options) => {
      const settings = shell.settings(options.config);
      const sender = senderOf(name);
      const source = options.source ?? sourceOf(sender);
      const text = existsSync(settings.configPath) ? readFileSync(settings.configPath, "utf8") : "";
      const { text: next, destination } = withSource(text, { sender, source, destination: options.destination });
      writeFileSync(settings.configPath, next);
      console.log(describe(sender, source, settings.configPath));
      if (options.create === true) console.log(`\n${await create(settings, text, sender, destination)}`);
    });
};

function senderOf(name: string): Sender {
  const sender = findSender(name);
  if (sender !== undefined) return sender;
  const near = senders().filter((each) => each.name.includes(name) || name.includes(each.name.split("-")[0]!));
  throw new SluiceError(`there is no sender "${name}"`, {
    code: "sender_unknown",
    hint:
      near.length === 0
        ? "`sluice schemes` lists them; `generic-hmac` fits what you sign yourself"
        : `did you mean ${near.map((each) => each.name).join(", ")}?`,
  });
}

function describe(sender: Sender, source: string, path: string): string {
  const { guide, name, title } = sender;
  const variable = variableOf(source);
  const chosen = receiverChooses(sender) ? randomSecret(sender) : undefined;
  const url = `https://YOUR-HOST/webhooks/${source}`;
  const fill = (text: string): string =>
    text.replaceAll("{url}", url).replaceAll("{secret}", chosen === undefined ? "the secret" : chosen);
  return [
    `${path} has the source ${source} (${title}) now. At the sender:`,
    "",
    ...guide.steps.map((step, index) => `  ${index + 1}. ${fill(step)}`),
    "",
    `The secret: ${fill(guide.secret)}`,
    chosen === undefined
      ? `  export ${variable}=…`
      : `  export ${variable}='${chosen}'   # made just now, kept nowhere`,
    "",
    ...(signsUrl(sender) ? [`next: set public_url of the source to the URL that the sender calls, it is signed`] : []),
    `next: sluice config check, then sluice send ${name} --source ${source}; docs/senders/${name}.md has all of this`,
  ].join("\n");
}

/** Whether the secret is a text of our own, which the sender is told, rather than one that the sender makes. */
function receiverChooses({ check, name }: Scheme): boolean {
  const ours = ["basic", "bearer", "token"].includes(check.type) && !("from" in check && check.from.startsWith("xml:"));
  return (
    ours || check.type === "any" || /^(?:generic-hmac|netsuite|frappe|woocommerce|github|workato|zapier)/.test(name)
  );
}

function randomSecret({ check }: Scheme): string {
  const random = randomBytes(24).toString("base64url");
  return check.type === "basic" ? `sluice:${random}` : random;
}

async function create(settings: Settings, before: string, sender: Sender, destination: string): Promise<string> {
  const objects = presetObjects(sender);
  if (objects.size === 0) return "There is nothing to make: this sender has no preset objects.";
  if (before === "") return "Nothing was made: give the destination its address first, and run `sluice init` again.";
  // The file as it was: the new source's secret may not be set yet.
  const env = configurationEnvironment(settings);
  const { destinations } = readConfiguration(before, { path: settings.configPath, env });
  const { url, auth, timeoutMs } = destinations.get(destination)!;
  const client = createZendeskClient({ url, auth, concurrency: 1, timeoutMs });
  try {
    const lines: string[] = [];
    for (const [key, { title, title_pluralized: titlePluralized, fields }] of objects) {
      const defined = Object.entries(fields).map(
        ([field, { type, title: of }]) =>
          [field, { key: field, type, title: of, options: new Map<string, string>() }] as const,
      );
      const { made, differs } = await ensureObject(client, {
        key,
        title,
        titlePluralized,
        uniqueNames: false,
        fields: new Map(defined),
      });
      lines.push(`${destination}/${key}: ${made.length === 0 ? "all there" : `made ${made.join(", ")}`}`);
      if (differs.length > 0) lines.push(`  there in another form, and left as it is: ${differs.join(", ")}`);
    }
    return lines.join("\n");
  } finally {
    await client.close();
  }
}
