import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { findSender, nearest, presetFetches, schemeNames, senders, type Scheme, type Sender } from "@sluice/event";
import { SluiceError } from "@sluice/runtime";
import { CONFIG_OPTION, type AddCommand } from "../command.ts";
import { configurationEnvironment } from "../environment.ts";
import { isSignedHere, signsUrl } from "../senders/guide.ts";
import { sourceOf, variableOf } from "../senders/source-name.ts";
import { makeObjects } from "../senders/make-objects.ts";
import { wantedObjects } from "../senders/wanted-objects.ts";
import { fetchOf } from "../senders/written-fetch.ts";
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
      const { configPath: path } = settings;
      const text = existsSync(path) ? readFileSync(path, "utf8") : FIRST_FILE;
      const written = withSource(text, { sender, source, destination: options.destination });
      if (written !== null) writeFileSync(path, written);
      console.log(written === null ? unchanged(sender, source, path) : describe(sender, source, path));
      if (options.create !== true) return;
      console.log();
      const env = configurationEnvironment(settings);
      const { objects, destinations } = wantedObjects(written ?? text, source, sender, { path, env });
      const meant = objects.filter(({ destination }) => destination === (options.destination ?? destination));
      await makeObjects({ objects: meant, destinations }, (line) => console.log(line));
    });
};

/** The file's beginning where there is none yet: records go to Sluice's own store. */
const FIRST_FILE = `# Sluice's configuration, explained in docs/configuration.md.
destinations:
  crm:
    kind: zendesk # Zendesk itself, or services/records, which \`sluice up\` starts
    url: "\${SLUICE_RECORDS_URL}"
    auth: { bearer: "\${SLUICE_RECORDS_TOKEN}" }
`;

function senderOf(name: string): Sender {
  const sender = findSender(name);
  if (sender !== undefined) return sender;
  const names = senders().map((each) => each.name);
  const alike = names.filter((each) => each.includes(name) || name.includes(each.split("-")[0]!));
  // A sender is also called without the version of its scheme.
  const near = alike.length > 0 ? alike : nearest(name, schemeNames());
  throw new SluiceError(`there is no sender "${name}"`, {
    code: "sender_unknown",
    hint:
      near.length === 0
        ? "`sluice schemes` lists them; `generic-hmac` fits what you sign yourself"
        : `did you mean ${near.join(", ")}?`,
  });
}

function unchanged({ name, title }: Sender, source: string, path: string): string {
  return [
    `${path} has the source ${source} (${title}) already: it is left as it is.`,
    `next: docs/senders/${name}.md says what to do at the sender; another one of them is \`sluice init ${name} --source NAME\``,
  ].join("\n");
}

function describe(sender: Sender, source: string, path: string): string {
  const { guide, name, title } = sender;
  const variable = variableOf(source);
  const chosen = receiverChooses(sender) ? randomSecret(sender) : undefined;
  const asked = presetFetches(sender) === "always" ? JSON.stringify(fetchOf(sender, source)) : "";
  const credentials = [...asked.matchAll(/\$\{([A-Z0-9_]+)\}/g)].map(([, credential]) => credential);
  const placeholders = [...new Set(asked.match(/YOUR-[A-Z-]+[A-Z]/g))].join(", ");
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
    ...credentials.map((credential) => `  export ${credential}=…   # to ask ${title} for records`),
    "",
    ...(placeholders === "" ? [] : [`next: put in what stands as ${placeholders} in the source's fetch`]),
    ...(signsUrl(sender) ? [`next: set public_url of the source to the URL that the sender calls, it is signed`] : []),
    `next: sluice config check, then sluice ${isSignedHere(sender.check) ? `send ${name} --source ${source}` : `try ${source}`}; docs/senders/${name}.md has all of this`,
  ].join("\n");
}

/** Whether the secret is a text of our own, which the sender is told, rather than one that the sender makes. */
function receiverChooses({ check, name }: Scheme): boolean {
  const ours = ["basic", "bearer", "token"].includes(check.type) && !("from" in check && check.from.startsWith("xml:"));
  return (
    ours ||
    check.type === "any" ||
    /^(?:generic-hmac|netsuite|servicenow|frappe|woocommerce|github|workato|zapier)/.test(name)
  );
}

function randomSecret({ check }: Scheme): string {
  const random = randomBytes(24).toString("base64url");
  return check.type === "basic" ? `sluice:${random}` : random;
}
