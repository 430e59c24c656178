import { gradeOf, readEvents, verify, type Event, type WebhookRequest } from "@sluice/event";
import {
  explainRow,
  mapEvent,
  NAME_FIELD,
  type Change,
  type CompiledMapping,
  type Explained,
  type MappedEvent,
} from "@sluice/record";
import {
  acceptedSecrets,
  loadConfiguration,
  systemClock,
  type Configuration,
  type DestinationConfiguration,
  type SourceConfiguration,
} from "@sluice/runtime";
import { createZendeskClient, recordRequest, type Reply } from "@sluice/destination/zendesk";
import { CONFIG_OPTION, type AddCommand } from "../command.ts";
import { configurationEnvironment } from "../environment.ts";
import { printable } from "../printable.ts";
import { chosenSource } from "../senders/chosen-source.ts";
import { judgedRequest } from "../senders/sender-request.ts";

type Options = {
  readonly config?: string;
  readonly file?: string;
  readonly type?: string;
  readonly topic?: string;
  readonly execute?: boolean;
};

export const tryCommand: AddCommand = (program, shell) => {
  program
    .command("try <source>")
    .description(
      "shows what a webhook becomes: verified?, what expressions see and what each yields, changes, and the request to the destination",
    )
    .option(...CONFIG_OPTION)
    .option(
      "--file <file>",
      "a body, or a request as { headers, body }, which is judged as it is if it is signed; without it the sample",
    )
    .option("--type <type>", "a sample of this type, such as orders/updated")
    .option("--topic <type>", "the same, for senders that call it so")
    .option("--execute", "also make the requests, past the queue, and show the answers")
    .action(async (name: string, options: Options) => {
      const settings = shell.settings(options.config);
      const env = configurationEnvironment(settings);
      const configuration = await loadConfiguration({ path: settings.configPath, env });
      const source = chosenSource(configuration, name);
      const url = `http://127.0.0.1:${settings.ports.ingress}/webhooks/${source.name}`;
      const given = { url, file: options.file, type: options.type ?? options.topic, nowMs: systemClock.nowMs() };
      const request = judgedRequest(source, given);
      const ok = await explain(configuration, source, request, options.execute === true);
      if (!ok) shell.exit(1);
    });
};

/** @returns whether the request is authentic and everything that it means could be read and, with `execute`, written. */
async function explain(
  configuration: Configuration,
  source: SourceConfiguration,
  request: WebhookRequest,
  execute: boolean,
): Promise<boolean> {
  const nowMs = systemClock.nowMs();
  const secrets = acceptedSecrets(source.secrets, nowMs);
  const values = secrets.map(({ value }) => value);
  const verdict = await verify(source.scheme, request, values, nowMs);
  if (!verdict.ok) {
    console.log(`verified  no: ${verdict.reason}. The door refuses it and stores nothing.`);
    return false;
  }
  console.log(`verified  yes, by secret ${secrets[verdict.secretIndex]?.number ?? "?"} (${gradeOf(source.scheme)})`);
  const events = readEvents(source.scheme, request, source.name);
  let ok = true;
  for (const event of events) {
    const { rank, mappings } = source;
    const arrival = { micros: nowMs * 1000, session: 0 };
    const context = { rank, mappings, arrival, run: 0, versionSkewMs: configuration.versionSkewMs };
    const mapped = await mapEvent(event, context);
    console.log(`\nevent     ${printable(describeEvent(event))}`);
    console.log(`sees      ${shortened(JSON.stringify(seenBy(event)), MOST_SEEN)}`);
    for (const mapping of mappings.filter(({ fetch }) => fetch === null)) {
      for (const line of await rowLines(event, mapping, nowMs)) console.log(line);
    }
    ok = (await explainChanges(configuration, mapped, execute)) && ok;
  }
  return ok;
}

/** The names that expressions can ask for, without those that the event lacks. */
function seenBy(event: Event): object {
  const { id: _id, type: _type, time: _time, ...rest } = event;
  return rest;
}

/** Every expression of a row with what it yields; of a row that does not want the event its `when` alone. */
async function rowLines(event: Event, mapping: CompiledMapping, nowMs: number): Promise<readonly string[]> {
  const explained = await explainRow(event, mapping, nowMs);
  const row = mapping.key.expression.place.replace(/^sources[.][^.]*[.]|[.](?:external_id|name)$/g, "");
  const width = Math.max(...explained.map(({ member }) => member.length));
  return [
    `row       ${row}`,
    ...explained.map((each) => `          ${each.member.padEnd(width)}  ${valueOf(each)}   of  ${each.text}`),
  ];
}

function valueOf(each: Explained): string {
  if ("fault" in each) return `fails: ${printable(each.fault)}`;
  return each.value === undefined ? "nothing" : shortened(JSON.stringify(each.value), MOST_SHOWN);
}

/** Characters of what an event holds, and of what one expression yields. */
const MOST_SEEN = 2_000;
const MOST_SHOWN = 80;

function shortened(text: string, most: number): string {
  return printable(text.length > most ? `${text.slice(0, most)}… (${text.length} characters)` : text);
}

async function explainChanges(
  { destinations }: Configuration,
  { changes, faults }: MappedEvent,
  execute: boolean,
): Promise<boolean> {
  let ok = faults.length === 0;
  for (const { place, expression, message } of faults) {
    console.log(`dead      ${place}: ${printable(message)}\n          in  ${expression}`);
  }
  if (changes.length === 0 && ok) console.log("ignored   no row of `records` wants it");
  for (const change of changes) {
    const destination = destinations.get(change.destination);
    console.log(`change    ${printable(describeChange(change))}`);
    if (destination === undefined) {
      console.log(`fetch     GET ${change.key.value}, by a worker; the rows then read the document`);
      continue;
    }
    const { key, effect } = change;
    const asked = recordRequest(
      destination.url,
      change.object,
      key,
      effect.kind === "delete" ? null : valuesOf(change),
    );
    console.log(`request   ${asked.method} ${new URL(destination.url).origin}${asked.path}`);
    if (asked.body !== null) console.log(`          ${JSON.stringify(asked.body)}`);
    if (execute) {
      const reply = await send(destination, change);
      console.log(`answer    ${reply.status} ${JSON.stringify(reply.body)}`);
      ok &&= reply.status < 300;
    }
  }
  return ok;
}

function describeEvent({ id, type, time, thin, operation }: Event): string {
  const marks = [...(thin === true ? ["thin"] : []), ...(operation === undefined ? [] : [operation])];
  return `${id}  type ${type}  time ${time ?? "unknown"}${marks.length === 0 ? "" : `  (${marks.join(", ")})`}`;
}

function describeChange({ destination, object, key, version, effect }: Change): string {
  const what = effect.kind === "delete" ? "delete" : `set ${[...effect.fields.keys()].map(nameOf).join(", ")}`;
  return `${destination}/${object} ${key.by}=${key.value}  version ${versionText(version)}  ${what}`;
}

function nameOf(field: string): string {
  return field === NAME_FIELD ? "name" : field;
}

function versionText(version: Change["version"]): string {
  if (version === null) return "order of arrival";
  return version.kind === "integer" ? String(version.value) : new Date(Number(version.micros / 1000n)).toISOString();
}

function valuesOf({ effect }: Change) {
  const fields = new Map(effect.kind === "fields" ? effect.fields : []);
  const name = fields.get(NAME_FIELD);
  fields.delete(NAME_FIELD);
  return { ...(name === undefined ? {} : { name: name as string | null }), fields: Object.fromEntries(fields) };
}

async function send(destination: DestinationConfiguration, change: Change): Promise<Reply> {
  const { url, auth, timeoutMs } = destination;
  const client = createZendeskClient({ url, auth, concurrency: 1, timeoutMs });
  try {
    return change.effect.kind === "delete"
      ? await client.deleteRecord(change.object, change.key)
      : await client.upsertRecord(change.object, change.key, valuesOf(change));
  } finally {
    await client.close();
  }
}
