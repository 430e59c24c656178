import {
  describeGrade,
  readEvents,
  UnreadableBodyError,
  UnsignableError,
  verify,
  type Event,
  type Json,
  type WebhookRequest,
} from "@sluice/event";
import {
  explainRow,
  mapEvent,
  rowPlace,
  type Change,
  type CompiledMapping,
  type Explained,
  type MappedEvent,
} from "@sluice/record";
import { acceptedSecrets, type Configuration, type SourceConfiguration } from "@sluice/runtime";
import { judgedRequest, unsignedRequest, type JudgedRequest, type TrialRequestOptions } from "./sender-request.ts";

/** A webhook tried: its verdict, events and changes. Nothing is stored, and nothing is sent. */
export type Trial = {
  readonly verdict:
    | { readonly isAuthentic: true; readonly secretNumber: number | null }
    | { readonly isAuthentic: false; readonly reason: string };
  readonly grade: string;
  /** Why its body can't be read; null: it can, or nobody tried. */
  readonly unreadable: string | null;
  readonly events: readonly TriedEvent[];
};

export type TriedEvent = {
  readonly event: Event;
  readonly rows: readonly TriedRow[];
  readonly mapped: MappedEvent;
  readonly changes: readonly TriedChange[];
};

/** Every expression of a row with its result; only the `when` of a row that does not want the event. */
export type TriedRow = { readonly place: string; readonly isWanted: boolean; readonly explained: readonly Explained[] };

/** `request` null: a worker fetches the document first, and the rows then read that. */
export type TriedChange = { readonly change: Change; readonly request: TriedRequest | null };
export type TriedRequest = { readonly method: string; readonly url: string; readonly body: Json };

/** A trial of what a person gives, or of the sample. `nobody`: only the sender itself could sign, so its events are shown unjudged. */
export type GivenTrial = { readonly trial: Trial; readonly signedBy: JudgedRequest["signedBy"] | "nobody" };

/**
 * Tries what is given: as it is where it carries a proof, else signed here, else as events alone.
 * @throws SluiceError `type_unwritable`
 */
export async function tryGiven(
  configuration: Configuration,
  source: SourceConfiguration,
  given: TrialRequestOptions,
): Promise<GivenTrial> {
  try {
    const { request, signedBy } = judgedRequest(source, given);
    return { trial: await tryRequest(configuration, source, request, given.nowMs), signedBy };
  } catch (error) {
    if (!(error instanceof UnsignableError)) throw error;
    const read = await tryEvents(configuration, source, unsignedRequest(source, given), given.nowMs);
    const verdict = { isAuthentic: false, reason: error.message } as const;
    const grade = describeGrade(source.scheme, source.secondFactor);
    return { trial: { verdict, grade, ...read }, signedBy: "nobody" };
  }
}

/** Judges a request as the door would, and maps its events as a worker would. */
async function tryRequest(
  configuration: Configuration,
  source: SourceConfiguration,
  request: WebhookRequest,
  nowMs: number,
): Promise<Trial> {
  const secrets = acceptedSecrets(source.secrets, nowMs);
  const verdict = await verify(
    source.scheme,
    request,
    secrets.map(({ value }) => value),
    nowMs,
  );
  const grade = describeGrade(source.scheme, source.secondFactor);
  if (!verdict.ok) {
    return { verdict: { isAuthentic: false, reason: verdict.reason }, grade, unreadable: null, events: [] };
  }
  const secretNumber = secrets[verdict.secretIndex]?.number ?? null;
  return {
    verdict: { isAuthentic: true, secretNumber },
    grade,
    ...(await tryEvents(configuration, source, request, nowMs)),
  };
}

/** The events and changes of a request, whoever sent it: for schemes that nobody can sign for here. */
async function tryEvents(
  configuration: Configuration,
  source: SourceConfiguration,
  request: WebhookRequest,
  nowMs: number,
): Promise<Pick<Trial, "unreadable" | "events">> {
  let events: readonly Event[];
  try {
    events = readEvents(source.scheme, request, source.name);
  } catch (error) {
    if (!(error instanceof UnreadableBodyError)) throw error;
    return { unreadable: error.message, events: [] };
  }
  return {
    unreadable: null,
    events: await Promise.all(events.map(async (event) => await tryEvent(configuration, source, event, nowMs))),
  };
}

async function tryEvent(
  { destinations, versionSkewMs }: Configuration,
  { rank, mappings }: SourceConfiguration,
  event: Event,
  nowMs: number,
): Promise<TriedEvent> {
  const arrival = { micros: nowMs * 1000, session: 0 };
  const mapped = await mapEvent(event, { rank, mappings, arrival, run: 0, versionSkewMs });
  const direct = mappings.filter(({ fetch }) => fetch === null);
  // Most commands try nothing, and load nothing that sends.
  const { kindOf } = await import("@sluice/destination");
  const requestOf = (change: Change): TriedRequest | null => {
    const destination = destinations.get(change.destination);
    if (destination === undefined) return null;
    const { url, kind } = destination;
    const values = change.effect.kind === "delete" ? null : change.effect.fields;
    const { method, path, body } = kindOf(kind).show(url, change, values);
    return { method, url: new URL(url).origin + path, body };
  };
  return {
    event,
    rows: await Promise.all(direct.map(async (mapping) => await tryRow(event, mapping, nowMs))),
    mapped,
    changes: mapped.changes.map((change) => ({ change, request: requestOf(change) })),
  };
}

async function tryRow(event: Event, mapping: CompiledMapping, nowMs: number): Promise<TriedRow> {
  const explained = await explainRow(event, mapping, nowMs);
  // A row that does not want the event tells its `when` alone.
  return { place: rowPlace(mapping), isWanted: explained.some(({ member }) => member === mapping.key.by), explained };
}
