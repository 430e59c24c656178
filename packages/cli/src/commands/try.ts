import type { Event } from "@sluice/event";
import { tryGiven, type GivenTrial, type TriedChange, type TriedEvent, type TriedRow } from "@sluice/operator";
import { shownField, type Change, type Explained } from "@sluice/record";
import { loadConfiguration, systemClock, type Configuration, type DestinationConfiguration } from "@sluice/runtime";
import { createZendeskClient, withName, type Reply } from "@sluice/destination/zendesk";
import { CONFIG_OPTION, type AddCommand } from "../command.ts";
import { configurationEnvironment } from "../environment.ts";
import { printable } from "../terminal/printable.ts";
import { chosenSource } from "../senders/chosen-source.ts";
import { givenText } from "../senders/given-text.ts";
import { trialJson, type Answers } from "../senders/trial-json.ts";

type Options = {
  readonly config?: string;
  readonly file?: string;
  readonly type?: string;
  readonly topic?: string;
  readonly execute?: boolean;
  readonly json?: boolean;
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
    .option("--json", "as JSON")
    .action(async (name: string, options: Options) => {
      const settings = shell.settings(options.config);
      const env = configurationEnvironment(settings);
      const configuration = await loadConfiguration({ path: settings.configPath, env });
      const source = chosenSource(configuration, name);
      const url = `http://127.0.0.1:${settings.ports.ingress}/webhooks/${source.name}`;
      const nowMs = systemClock.nowMs();
      const given = { url, text: givenText(options.file), type: options.type ?? options.topic, nowMs };
      const tried = await tryGiven(configuration, source, given);
      const answers: Answers = options.execute === true ? await execute(configuration, tried) : new Map();
      if (options.json === true) console.log(JSON.stringify(trialJson(tried, answers), null, 2));
      else explain(tried, answers);
      if (!isGood(tried, answers)) shell.exit(1);
    });
};

/** Whether the request is authentic, as far as it was judged, and all of its events could be read and, where that was tried, written. */
function isGood({ signedBy, trial: { verdict, unreadable, events } }: GivenTrial, answers: Answers): boolean {
  return (
    (verdict.isAuthentic || signedBy === "nobody") &&
    unreadable === null &&
    events.every(({ mapped }) => mapped.faults.length === 0) &&
    [...answers.values()].every(({ status }) => status < 300)
  );
}

/** Makes the requests of all changes of a request that the door would take. */
async function execute({ destinations }: Configuration, { signedBy, trial }: GivenTrial): Promise<Answers> {
  const answers = new Map<TriedChange, Reply>();
  if (!trial.verdict.isAuthentic && signedBy !== "nobody") return answers;
  for (const tried of trial.events.flatMap(({ changes }) => changes)) {
    const destination = destinations.get(tried.change.destination);
    if (destination !== undefined) answers.set(tried, await send(destination, tried.change));
  }
  return answers;
}

function explain({ signedBy, trial }: GivenTrial, answers: Answers): void {
  const { verdict, grade, unreadable, events } = trial;
  if (signedBy === "nobody" && !verdict.isAuthentic) console.log(`verified  not judged: ${verdict.reason} (${grade})`);
  else if (!verdict.isAuthentic) {
    return console.log(`verified  no: ${verdict.reason}. The door refuses it and stores nothing.`);
  } else console.log(`verified  yes, by secret ${verdict.secretNumber ?? "?"} (${grade})`);
  if (unreadable !== null) return console.log(`\nunread    ${printable(unreadable)}`);
  for (const tried of events) {
    console.log(`\nevent     ${printable(describeEvent(tried.event))}`);
    console.log(`sees      ${shortened(JSON.stringify(seenBy(tried.event)), MOST_SEEN)}`);
    for (const row of tried.rows) for (const line of rowLines(row)) console.log(line);
    explainChanges(tried, answers);
  }
}

/** The names that expressions can ask for, without those that the event lacks. */
function seenBy(event: Event): object {
  const { id: _id, type: _type, time: _time, ...rest } = event;
  return rest;
}

function rowLines({ place, explained }: TriedRow): readonly string[] {
  const row = place.replace(/^sources[.][^.]*[.]/, "");
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

/** The most characters shown of an event's content, and of one expression's value. */
const MOST_SEEN = 2_000;
const MOST_SHOWN = 80;

function shortened(text: string, most: number): string {
  return printable(text.length > most ? `${text.slice(0, most)}… (${text.length} characters)` : text);
}

function explainChanges({ mapped: { faults }, changes }: TriedEvent, answers: Answers): void {
  for (const { place, expression, message } of faults) {
    console.log(`dead      ${place}: ${printable(message)}\n          in  ${expression}`);
  }
  if (changes.length === 0 && faults.length === 0) console.log("ignored   no row of `records` wants it");
  for (const tried of changes) {
    for (const line of changeLines(tried)) console.log(line);
    const answer = answers.get(tried);
    if (answer !== undefined) console.log(`answer    ${answer.status} ${JSON.stringify(answer.body)}`);
  }
}

function changeLines({ change, request }: TriedChange): readonly string[] {
  const said = `change    ${printable(describeChange(change))}`;
  if (request === null) {
    return [said, `fetch     GET ${change.key.value}, by a worker; the rows then read the document`];
  }
  const body = request.body === null ? [] : [`          ${JSON.stringify(request.body)}`];
  return [said, `request   ${request.method} ${request.url}`, ...body];
}

function describeEvent({ id, type, time, thin, operation }: Event): string {
  const marks = [...(thin === true ? ["thin"] : []), ...(operation === undefined ? [] : [operation])];
  return `${id}  type ${type}  time ${time ?? "unknown"}${marks.length === 0 ? "" : `  (${marks.join(", ")})`}`;
}

function describeChange({ destination, object, key, version, effect }: Change): string {
  const what = effect.kind === "delete" ? "delete" : `set ${[...effect.fields.keys()].map(shownField).join(", ")}`;
  return `${destination}/${object} ${key.by}=${key.value}  version ${versionText(version)}  ${what}`;
}

function versionText(version: Change["version"]): string {
  if (version === null) return "order of arrival";
  return version.kind === "integer" ? String(version.value) : new Date(Number(version.micros / 1000n)).toISOString();
}

async function send(destination: DestinationConfiguration, { object, key, effect }: Change): Promise<Reply> {
  const { url, auth, timeoutMs } = destination;
  const client = createZendeskClient({ url, auth, concurrency: 1, timeoutMs });
  try {
    return effect.kind === "delete"
      ? await client.deleteRecord(object, key)
      : await client.upsertRecord(object, key, withName(effect.fields));
  } finally {
    await client.close();
  }
}
