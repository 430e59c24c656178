import type { Json } from "./event.ts";
import type { Scheme } from "./scheme.ts";

/** A sender that people know by name: its scheme, and what a person needs to connect it. */
export type Sender = Scheme & {
  readonly guide: Guide;
  readonly sample: Sample;
  /** Within which the sender wants its answer. Undefined where it does not say. */
  readonly deadlineMs?: number;
  /** The objects that a `records: preset` maps. */
  readonly presets?: readonly Preset[];
};

/**
 * How to connect the sender, as data: the pages under docs/senders and what `sluice init` prints are
 * made of it. `{url}` stands for the source's URL and `{secret}` for its secret.
 */
export type Guide = {
  /** What to do at the sender, one step each. */
  readonly steps: readonly string[];
  /** What `secrets` takes, and where it is found. */
  readonly secret: string;
  /** What an operator should know: retries, when the sender gives up, what it never sends. */
  readonly notes: readonly string[];
  /** What has to be pasted at the sender and is too long for a step. */
  readonly example?: { readonly title: string; readonly language: string; readonly code: string };
};

/** A request as the sender makes it, before it is signed. */
export type Sample = {
  readonly method?: string;
  /** After the source's URL, with its question mark. */
  readonly query?: string;
  readonly headers: { readonly [name: string]: string };
  /** JSON, or the text as it is sent. */
  readonly body: Json;
};

/** What the events of one kind mean for one object: what `records:` would say, with types. */
export type Preset = {
  readonly object: "contact" | "company" | "order" | "product" | "invoice";
  /** JSONata, as in a row of `records`. */
  readonly when: string;
  readonly externalId: string;
  readonly name?: string;
  readonly version?: string;
  /** JSONata that is true where the event means that the record is gone. */
  readonly gone?: string;
  readonly fields: readonly {
    readonly key: string;
    readonly title: string;
    readonly type: "text" | "textarea" | "checkbox" | "date" | "integer" | "decimal" | "dropdown";
    /** JSONata. */
    readonly from: string;
  }[];
};
