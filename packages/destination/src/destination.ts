import type { Answer, RecordKey, Snapshot } from "@sluice/record";

/** One request's effect on one record. A record that holds a delete and fields is deleted; the fields go with the next. */
export type Write = {
  readonly effect: "delete" | "fields";
  readonly claim: {
    /** Tells records of the destination apart. */
    readonly id: string;
    readonly object: string;
    readonly key: RecordKey;
    /** The fencing token, in decimal digits. */
    readonly fence: string;
    readonly snapshot: Pick<Snapshot, "deletion" | "fields">;
    /** The state of Sluice's books that it comes from: within one, they decide what is newer. Absent or null: not known. */
    readonly state?: string | null;
  };
};

/** A destination as its kind speaks to it. Every call tells what came of it and decides nothing. */
export interface Destination {
  write(write: Write, signal: AbortSignal): Promise<Exchange>;
  /** What the metrics call a single request; absent: by its effect. */
  readonly counted?: "fetch";
  /** When refused credentials are tried again, since they may have become good; null: not before they are others. */
  readonly credentialsAgainMs: number | null;
  /** Absent: it takes records one by one only. */
  readonly jobs?: Jobs;
  close(): Promise<void>;
}

/** Many records in one request. */
export interface Jobs {
  /** The destination works on so many at a time. */
  readonly atOnce: number;
  /** Writes may share a job if this says the same of them, e.g. the object and the action. Null: it goes alone. */
  groupOf(write: Write): string | null;
  /** Sends up to `batch` writes of one group, each with its claim's fencing token. */
  start(writes: readonly Write[], signal: AbortSignal): Promise<JobExchange>;
  /**
   * A job that another worker started, by its name, with those of its writes that this one took over. Null: the name can't be read.
   * @param places where the writes stand in the job, which has `of`
   */
  resume(name: string, writes: readonly Write[], places: readonly number[], of: number): RunningJob | null;
  /** Absent: it tells of no jobs but those whose names are known. */
  readonly list?: JobList;
}

/** All jobs that the destination knows, whoever posted them. Each call is one request. */
export interface JobList {
  /** A page of them, the newest first. */
  page(after: string | null, signal: AbortSignal): Promise<JobPage>;
  /** Those with these ids; a job that it does not tell of is not there any more. */
  of(ids: readonly string[], signal: AbortSignal): Promise<JobPage>;
  /** So many ids fit into one request. */
  readonly idsAtOnce: number;
}

/** `page` null: no such page came, and `exchange` says why. `refused`: nor will it the next time. */
export type JobPage = {
  readonly exchange: Exchange;
  readonly page:
    | { readonly jobs: readonly { readonly id: string; readonly hasEnded: boolean }[]; readonly after: string | null }
    | "refused"
    | null;
};

/** A job that the destination has accepted and not ended. Each call is one request, but for `news`. */
export interface RunningJob {
  /** By which another worker could follow it; null: it has ended, and only its records can be read. */
  readonly name: string | null;
  /** Resolves when the look at another job tells that this one has ended. */
  readonly over: Promise<void>;
  /** What the look at another job has told of this one meanwhile; null: nothing. */
  news(): Promise<JobExchange | null>;
  /** Asks how far it is. A failed look (404, 5xx, silence) stands in `exchange`, and the job counts as running. */
  look(signal: AbortSignal): Promise<JobExchange>;
  /**
   * Reads the records instead, where the status can't be read: a write whose values the record shows was
   * carried out (an item that is done), of any other that is not known.
   */
  readBack(signal: AbortSignal): Promise<JobExchange>;
}

/**
 * `exchange` is the request itself: what the breaker and the quota hear. `job`: what it says of the writes.
 * - `done`: an answer for each write, in their order; one that failed alone is answered as a single write would be
 * - `running`: to be looked at again
 * - `unsupported`: the destination knows no jobs
 * - `refused`: as a whole; `exchange` says why. After silence nothing is known and everything is sent again
 */
export type JobExchange = {
  readonly exchange: Exchange;
  readonly job:
    | { readonly kind: "done"; readonly items: readonly Exchange[] }
    | { readonly kind: "running"; readonly job: RunningJob }
    | { readonly kind: "refused" }
    | { readonly kind: "unsupported" };
};

/** A call and its answer. */
export type Exchange = {
  readonly answer: Answer;
  /** The destination's own word for it, as metrics and logs show it: a status, or why there is none. */
  readonly status: string;
  /** As a dead letter shows it; null: no answer came. */
  readonly shown: { readonly request: unknown; readonly response: unknown } | null;
  /** It was sent among others, and less may be told of it than it would be alone. */
  readonly shared?: true;
  /** False: it was refused here, and nothing went out. */
  readonly sent?: boolean;
  /** The destination's words on its quota. */
  readonly quota?: Quota;
  /** The destination says that it checks fencing tokens. */
  readonly fenced?: true;
};

export type Quota = {
  readonly limit: number;
  readonly remaining: number;
  /** Until its window starts anew. */
  readonly resetSeconds?: number;
};
