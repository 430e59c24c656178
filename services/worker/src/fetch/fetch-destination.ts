import { isDeepStrictEqual } from "node:util";
import { UnreadableBodyError, type Event, type Json } from "@sluice/event";
import type { Merging, Queue } from "@sluice/queue";
import {
  arrivalOf,
  arrivedAtMs,
  documentOf,
  mapDocument,
  mapMissing,
  saysGone,
  type Arrival,
  type CompiledFetch,
  type MappedEvent,
  type Stamp,
} from "@sluice/record";
import type { Clock, FetchConfiguration, SourceConfiguration } from "@sluice/runtime";
import type { Destination, Exchange, Traced } from "@sluice/destination";
import type { ClaimedWrite } from "../writes/write.ts";
import { exchangeOf, httpAnswer, saidOf, silenceOf } from "@sluice/destination/http";
import { createPermissions } from "@sluice/destination/http";
import { createDocumentClient, type DocumentClient, type Fetched } from "./document-client.ts";

export type FetchOptions = {
  /** The source as it is configured now, with its credentials; undefined: it was taken out of the configuration. */
  readonly source: () => SourceConfiguration | undefined;
  /** Asked at each document: the configuration may be another by then. */
  readonly versionSkewMs: () => number;
  readonly merging: Merging;
  readonly unbroken: Queue["unbroken"];
  readonly clock: Clock;
};

/**
 * A source's API as the destination of its thin events: a write asks for the document that they point to, once for all
 * events of a burst, and merges its changes into the lanes of the real destinations. The fetch is settled only after that, so a crash
 * in between fetches again, and the same document makes the same changes, which are duplicates.
 */
export function connectFetch(options: FetchOptions): Destination {
  const { merging, unbroken, clock } = options;
  let asking: { readonly fetch: FetchConfiguration; readonly client: DocumentClient } | undefined;

  /** One client, and so one access token, for as long as its configuration stays what it is. */
  function clientOf(fetch: FetchConfiguration): DocumentClient {
    if (asking === undefined || !isDeepStrictEqual(asking.fetch, fetch)) {
      void asking?.client.close();
      asking = { fetch, client: createDocumentClient(fetch, () => clock.nowMs()) };
    }
    return asking.client;
  }

  const permissions = createPermissions();

  async function write({ claim }: ClaimedWrite, signal: AbortSignal, traced?: Traced): Promise<Exchange> {
    const source = options.source();
    const asked = source?.mappings.map((mapping) => mapping.fetch).find((each) => each?.place === claim.object);
    if (source === undefined || source.fetch === null || !asked) {
      return refused("fetch_unknown", `${claim.object} is not in the configuration any more`, null);
    }
    const request = permissions.begin();
    let fetched: Fetched;
    try {
      fetched = await clientOf(source.fetch).get(claim.key.value, signal, traced?.headers);
    } catch (error) {
      return silenceOf(error);
    }
    const { reply } = fetched;
    const isForbidden = reply.status === 403;
    const exchange = exchangeOf(
      isForbidden ? permissions.forbidden(claim.id, saidOf(reply)) : httpAnswer(reply),
      reply,
    );
    if (exchange.answer.kind === "done") permissions.granted(request);
    const { fields } = claim.snapshot;
    const missing =
      GONE.includes(reply.status) ||
      (exchange.answer.kind === "record" && (await isRefusedAsGone(asked, fetched, newestMs(fields))));
    if (!missing && (reply.status < 200 || reply.status >= 300)) return exchange;
    if (missing && asked.missing === "ignore") return settled(exchange);
    const document = missing ? null : await readDocument(asked, fetched, newestMs(fields));
    if (document instanceof Error) return refused("document_unreadable", document.message, exchange);
    // A document of null is as missing as a 404: some APIs answer with an empty list.
    if (document === null && asked.missing === "ignore") return settled(exchange);
    const mapped = await changesOf(fields, document, asked, source);
    const trace = traced?.context ?? null;
    const changes = trace === null ? mapped : mapped.map((each) => ({ ...each, trace }));
    const stands = unbroken();
    await merging.merge(changes);
    // A state that went back in between knows the fetch, now as settled, and nothing of what it brought.
    const onSettled = async (): Promise<void> => {
      if (!stands()) await merging.merge(changes);
    };
    return { ...settled(exchange), onSettled };
  }

  async function changesOf(
    fields: Asking,
    document: Json,
    asked: CompiledFetch,
    { rank, mappings }: SourceConfiguration,
  ): Promise<readonly MappedEvent[]> {
    return await Promise.all(
      [...fields.values()].map(async ({ value, stamp }) => {
        const context = {
          rank,
          mappings,
          arrival: arrivalIn(stamp),
          run: 0,
          versionSkewMs: options.versionSkewMs(),
          fetch: asked,
          fetchedAtMs: clock.nowMs(),
        };
        const event = value as unknown as Event;
        return await (document === null ? mapMissing(event, context) : mapDocument(event, document, context));
      }),
    );
  }

  return { counted: "fetch", credentialsAgainMs: null, write, close: async () => await asking?.client.close() };
}

/** Statuses that say: no such document, no longer, or an answer without one, which is Zoho's way. */
const GONE: readonly number[] = [404, 410, 204];

/** The thin events that ask for a document: the newest of each type. */
type Asking = ClaimedWrite["claim"]["snapshot"]["fields"];

/** A fetch's change has no version, so its stamp begins with the arrival, also where the release before made it. */
function arrivalIn(stamp: Stamp): Arrival {
  return arrivalOf(stamp) ?? { micros: Number(stamp.version), session: 0 };
}

function newestMs(asking: Asking): number {
  return Math.max(...[...asking.values()].map(({ stamp }) => arrivedAtMs(arrivalIn(stamp))));
}

async function readDocument(asked: CompiledFetch, { json }: Fetched, arrivedMs: number): Promise<Json | Error> {
  try {
    const document = await documentOf(asked, json(), arrivedMs);
    return document ?? (document === null ? null : new Error("the answer has nothing where `document` looks for it"));
  } catch (error) {
    if (error instanceof UnreadableBodyError || error instanceof Error) return error;
    throw error;
  }
}

/** Whether the API says in words of its own that there is no such document. An answer that can't be read says nothing. */
async function isRefusedAsGone(asked: CompiledFetch, { json }: Fetched, arrivedMs: number): Promise<boolean> {
  try {
    return await saysGone(asked, json(), arrivedMs);
  } catch (error) {
    if (error instanceof UnreadableBodyError) return false;
    throw error;
  }
}

/** The document was found, or is known to be gone: either settles the fetch. */
function settled(exchange: Exchange): Exchange {
  return { ...exchange, answer: { kind: "done" } };
}

/** Another try would change nothing: the fetch becomes a dead letter, which a newer event heals. */
function refused(code: string, message: string, exchange: Exchange | null): Exchange {
  const answer = { kind: "record", code, message } as const;
  return { ...(exchange ?? { status: code, shown: null }), answer };
}
