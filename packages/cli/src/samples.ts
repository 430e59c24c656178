import { createHmac } from "node:crypto";
import { sign } from "@sluice/event";
import type { SourceConfiguration } from "@sluice/runtime";
import { readSamples, type ExpectedRecord, type SampleWebhook } from "./sample.ts";
import { table } from "./terminal/table.ts";
import type { Up } from "./roles/up.ts";

/** How long a sample may take to be written; far more than it needs, so that only a faulty sample takes so long. */
const SETTLE_DEADLINE_MS = 15_000;
const LOOK_AGAIN_MS = 10;

type Result = {
  readonly sample: SampleWebhook;
  readonly status: number;
  readonly words: string;
  readonly outcome: string;
  readonly record: string;
  readonly ok: boolean;
  /** The sample was still pending when the time was over. */
  readonly stuck: boolean;
};
type StoredRecord = { readonly name: string; readonly custom_object_fields: Readonly<Record<string, unknown>> };

/** Sends the samples through the door, one after the other, and prints the outcome of each. @returns whether all ended as expected */
export async function runSamples(up: Up): Promise<boolean> {
  const run = Math.floor(Date.now() / 1000);
  const samples = readSamples(run);
  console.log(`\nSending ${samples.length} sample webhooks …`);
  // The faults that the samples provoke on purpose (a forgery, a refusal) are in the table, not in the log.
  const { level } = up.log;
  const quiet = up.log.level === "warn";
  if (quiet) up.log.level = "error";
  const results: Result[] = [];
  for (const sample of samples) {
    const result = await send(up, sample);
    results.push(result);
    // Later samples could not be written either, and each would be waited for.
    if (result.stuck) break;
  }
  if (quiet) up.log.level = level;

  console.log(`\n${tableOf(results)}\n`);
  const failed = results.filter(({ ok }) => !ok).length;
  if (results.at(-1)?.stuck === true) {
    const urls = [...up.configuration.destinations.values()].map(({ url }) => url).join(", ");
    console.log(
      `Stopped at sample ${results.length} of ${samples.length}: it is still pending after ${SETTLE_DEADLINE_MS / 1000} s.\n` +
        `  next: see that the destination (${urls}) answers; ${up.urls.worker}/metrics shows holds and answers\n`,
    );
  }
  console.log(
    failed === 0 ? `All ${results.length} as expected.` : `${failed} of ${results.length} NOT as expected (✗).`,
  );
  return failed === 0;
}

/** The table is as wide as the terminal, 120 columns at least: the record's column takes what the others leave. */
function tableOf(results: readonly Result[]): string {
  const became = ({ status, words, outcome }: Result): string => {
    // An outcome shows that its webhook was accepted; a refusal and a duplicate have none.
    const answer = outcome !== "" && /^(\d+ )?accepted$/.test(words) ? String(status) : `${status} ${words}`;
    return outcome === "" || outcome === words ? answer : `${answer} → ${outcome}`;
  };
  const answers = Math.min(ANSWER_WIDTH, Math.max(...results.map((result) => became(result).length)));
  const others = 2 + 7 + NOTE_WIDTH + answers + 1 + 5 * 2;
  const left = Math.max(process.stdout.columns ?? 0, 120) - others;
  return table([
    ["#", "source", "what", "answer → outcome", "the record as it stands", ""],
    ...results.map((result, index) => [
      String(index + 1),
      result.sample.source,
      cut(result.sample.note, NOTE_WIDTH),
      cut(became(result), ANSWER_WIDTH),
      cut(result.record, left),
      result.ok ? "✓" : "✗",
    ]),
  ]);
}

const NOTE_WIDTH = 32;
const ANSWER_WIDTH = 42;

async function send(up: Up, sample: SampleWebhook): Promise<Result> {
  const source = up.configuration.sources.get(sample.source);
  if (source === undefined) throw new Error(`the samples send as ${sample.source}, which sluice.yaml does not have`);
  const before = await outcomes(up);
  const response = await fetch(`${up.urls.ingress}/webhooks/${sample.source}`, signedRequest(up, source, sample));
  const answer = (await response.json()) as { events?: { status: string }[]; error?: { code: string } };
  const statuses = answer.events?.map((event) => event.status) ?? [];
  const { outcomes: after, stuck } = await settled(up);
  const outcome = [...after].flatMap(([name, count]) => {
    const by = count - (before.get(name) ?? 0);
    return by === 0 ? [] : [by === 1 ? name : `${by} ${name}`];
  });
  const { expect } = sample;
  const found = expect.record === undefined ? undefined : await recordOf(up, expect.record);
  const ok =
    !stuck &&
    response.status === expect.status &&
    (expect.events === undefined || expect.events.join() === statuses.join()) &&
    (expect.record === undefined || matches(expect.record, found));
  return {
    sample,
    status: response.status,
    words: answer.error?.code ?? summary(statuses),
    outcome: outcome.join(", "),
    record: expect.record === undefined ? "–" : show(expect.record, found),
    ok,
    stuck,
  };
}

function signedRequest(up: Up, source: SourceConfiguration, { headers, body, tamper }: SampleWebhook): RequestInit {
  const path = `/webhooks/${source.name}`;
  // A person waits here: the answer tells the outcome of each event.
  const all = { "content-type": "application/json", prefer: "wait=10", ...headers };
  const request = {
    method: "POST",
    url: source.publicUrl ?? `${up.urls.ingress}${path}`,
    path,
    headers: new Map(Object.entries(all).map(([name, value]) => [name, [value]])),
    body: Buffer.from(body),
  };
  const signature = sign(source.scheme, request, source.secrets[0]!.value, Date.now());
  return {
    method: "POST",
    headers: { ...all, ...signature },
    body: tamper ? body.replace('balance":1', 'balance":9') : body,
  };
}

/** Waits until nothing is pending any more, or the time is over. */
async function settled(up: Up): Promise<{ outcomes: ReadonlyMap<string, number>; stuck: boolean }> {
  const end = performance.now() + SETTLE_DEADLINE_MS;
  for (;;) {
    const text = await metrics(up);
    const pending = /^sluice_(?:pending_changes\{[^}]*\}|intake_waiting_webhooks) [1-9]/m.test(text);
    if (!pending || performance.now() > end) return { outcomes: readOutcomes(text), stuck: pending };
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

async function outcomes(up: Up): Promise<ReadonlyMap<string, number>> {
  return readOutcomes(await metrics(up));
}

/** The fleet's numbers, of the role that shows them: whichever was asked first. */
async function metrics({ urls, metricsToken }: Up): Promise<string> {
  const headers = metricsToken === undefined ? {} : { authorization: `Bearer ${metricsToken}` };
  for (const url of [urls.worker, urls.ingress, urls.console]) {
    const text = await (await fetch(`${url}/metrics`, { headers })).text();
    if (/^sluice_pending_changes\{/m.test(text)) return text;
  }
  return "";
}

function readOutcomes(text: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const [, outcome, count] of text.matchAll(/^sluice_outcomes_total\{.*outcome="(\w+)".*\} (\d+)$/gm)) {
    counts.set(outcome!, (counts.get(outcome!) ?? 0) + Number(count));
  }
  return counts;
}

async function recordOf(up: Up, { object, external_id }: ExpectedRecord): Promise<StoredRecord | undefined> {
  const query = `filter[external_ids]=${encodeURIComponent(external_id)}`;
  const response = await fetch(`${up.urls.records}/api/v2/custom_objects/${object}/records?${query}`, {
    headers: { authorization: `Bearer ${up.recordsToken}` },
  });
  const { custom_object_records: records } = (await response.json()) as { custom_object_records?: StoredRecord[] };
  return records?.[0];
}

function matches(expected: ExpectedRecord, found: StoredRecord | undefined): boolean {
  if (expected.gone === true || found === undefined) return expected.gone === true && found === undefined;
  const fields = Object.entries(expected.fields ?? {});
  return (
    (expected.name === undefined || expected.name === found.name) &&
    fields.every(([field, value]) => (found.custom_object_fields[field] ?? null) === value)
  );
}

/** The fields that the sample speaks of come first. */
function show({ object, fields = {} }: ExpectedRecord, found: StoredRecord | undefined): string {
  if (found === undefined) return `no ${object}`;
  const names = new Set([...Object.keys(fields), ...Object.keys(found.custom_object_fields)]);
  const shown = [...names]
    .map((field) => [field, found.custom_object_fields[field] ?? null] as const)
    .filter(([field, value]) => value !== null || field in fields)
    .map(([field, value]) => `${field}=${value === null ? "" : JSON.stringify(value).replaceAll('"', "")}`);
  return [found.name, ...shown].join(" ");
}

function summary(statuses: readonly string[]): string {
  const [first] = statuses;
  if (first !== undefined && statuses.length > 1 && statuses.every((status) => status === first))
    return `${statuses.length} ${first}`;
  return statuses.join(", ");
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

/** URLs to look at, and a signed webhook to paste: the ERP's scheme signs the body alone, so it does not expire. */
export function whatNext({ urls, recordsToken, configuration }: Up): string {
  const run = Math.floor(Date.now() / 1000);
  const erp = configuration.sources.get("erp");
  const body = JSON.stringify({
    event_id: `pasted-${run}`,
    record_type: "customer",
    op: "edit",
    account: `PASTED-${run}`,
    company: "Pasted Ltd",
    credit_limit: 1234,
    last_modified: "2026-03-05T12:00:00Z",
  });
  const signature = createHmac("sha256", erp?.secrets[0]?.value ?? "")
    .update(body)
    .digest("hex");
  const records = `${urls.records}/api/v2/custom_objects/customer/records`;
  return [
    "Look at",
    `  ${urls.worker}/metrics    accepted = outcomes + pending`,
    `  ${urls.records}/docs       the records' API, to try out; Authorize takes the token above`,
    "",
    "Paste, to send a webhook and see its record:",
    `  curl -s ${urls.ingress}/webhooks/erp -H 'content-type: application/json' \\`,
    `    -H 'x-erp-signature: sha256=${signature}' \\`,
    `    -d '${body}'; echo`,
    `  curl -s -g '${records}?filter[external_ids]=PASTED-${run}' -H 'authorization: Bearer ${recordsToken}'; echo`,
  ].join("\n");
}
