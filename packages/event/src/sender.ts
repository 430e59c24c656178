import type { Json } from "./event.ts";
import type { EventRules, Scheme } from "./scheme.ts";

/** A sender that people know by name: its scheme, and the facts with which a person connects it. */
export type Sender = Scheme & {
  readonly guide: Guide;
  readonly sample: SampleRequest;
  /** The time within which the sender wants its answer. Undefined where it does not say. */
  readonly deadlineMs?: number;
  /** The objects that a `records: preset` maps. */
  readonly presets?: readonly Preset[];
  /** Public addresses of the vendor's pages on which the presets' members stand. */
  readonly presetSources?: readonly string[];
  /** How the sender's API is asked for the documents of thin events, where presets have a `fetch`. */
  readonly fetch?: SenderFetch;
};

/**
 * A sender as its file writes it: what it leaves out is ordinary, as in a scheme that is written out. A body is one event and all of it
 * the event's data, and the sample is JSON.
 */
export type SenderRow = Omit<Optional<Sender, "reply" | "limits">, "event" | "sample"> & {
  readonly event: Optional<EventRules, "split" | "data">;
  readonly sample: Optional<SampleRequest, "headers">;
};

type Optional<Whole, Left extends keyof Whole> = Omit<Whole, Left> & Partial<Pick<Whole, Left>>;

/**
 * How to connect the sender, as data: the pages under docs/senders and the output of `sluice init` are
 * made of it. `{url}` stands for the source's URL and `{secret}` for its secret.
 */
export type Guide = {
  /** Public addresses of the pages, or of the sender's own code, that the scheme was written from. */
  readonly sources: readonly string[];
  /** The promise that the version orders changes: a sentence that begins with the name of who gives it, or with "Nobody". */
  readonly order: string;
  /** Facts that somebody who connects this sender would not expect, a sentence each. */
  readonly surprises: readonly string[];
  /** The steps to take at the sender. */
  readonly steps: readonly string[];
  /** The value for `secrets`, and where it is found. */
  readonly secret: string;
  /** Facts for an operator: retries, when the sender gives up, events that it never sends. */
  readonly notes: readonly string[];
  /** A text to be pasted at the sender that is too long for a step. */
  readonly example?: { readonly title: string; readonly language: string; readonly code: string };
};

/** A request as the sender makes it, before it is signed. */
export type SampleRequest = {
  readonly method?: string;
  /** The query after the source's URL, with its question mark. */
  readonly query?: string;
  readonly headers: { readonly [name: string]: string };
  /** JSON, or the text as it is sent. */
  readonly body: Json;
};

/**
 * A source's `fetch` as `sluice init` writes it: Sluice asks nobody before a person has put address and credentials into
 * sluice.yaml. `{variable:NAME}` stands for an environment variable of the source's own, such as `${XERO_NAME}`.
 */
export type SenderFetch = {
  /** The API's address. The parts that a person has to put in are written YOUR-…. */
  readonly base: string;
  readonly auth:
    | { readonly bearer: string }
    | { readonly basic: { readonly user: string; readonly password: string } }
    | {
        readonly oauth: {
          readonly token_url: string;
          readonly client_id: string;
          readonly client_secret: string;
          readonly scope?: string;
          readonly client_in?: "body";
        };
      };
  readonly headers?: { readonly [name: string]: string };
  /** Values to put in, and other facts, a sentence each. */
  readonly notes: readonly string[];
};

/** The mapping of one kind of events to one object, as `records:` would have it, with types. */
export type Preset = {
  readonly object: "contact" | "company" | "order" | "product" | "invoice";
  /**
   * JSONata over the event, as in a row of `records`. With a `fetch` the other expressions see the document as `data` and
   * the event's own data as `notice`; where the record is gone they see the event alone.
   */
  readonly when: string;
  /** The document of a thin event, below the `base` of the sender's `fetch`; `optional`: without it every event is read as it is. */
  readonly fetch?: {
    readonly url: string;
    readonly document?: string;
    readonly gone?: string;
    readonly optional?: true;
  };
  readonly externalId: string;
  readonly name?: string;
  readonly version?: string;
  /** JSONata that is true where the event means that the record is gone. */
  readonly gone?: string;
  /**
   * The event that the record is gone has no time, or with `fetched` documents are as new as the arrival of the event that asked for them: it counts
   * as the newest when it arrives.
   */
  readonly goneByArrival?: true | "fetched";
  /** The sender's documents leave out what is empty: a member that they lack clears its field. */
  readonly omitsEmpty?: true;
  /** Other records that are gone by the event, since they were merged into another. `when` and `externalId` are JSONata over the event. */
  readonly absorbs?: readonly { readonly when: string; readonly externalId: string }[];
  readonly fields: readonly {
    readonly key: string;
    readonly title: string;
    readonly type: "text" | "textarea" | "checkbox" | "date" | "integer" | "decimal" | "dropdown";
    /** JSONata. */
    readonly from: string;
  }[];
};
