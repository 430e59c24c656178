import type { Json } from "@sluice/event";
import type { Answer, RecordKey, Snapshot } from "@sluice/record";

/** One request's effect on one record. A record that holds a delete and fields is deleted; the fields go with the next request. */
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
    /** The state of Sluice's books that the claim comes from: within one state they decide which change is newer. Absent or null: not known. */
    readonly state?: string | null;
  };
};

/** The trace that a request is in. */
export type Traced = {
  /** The headers that carry the trace to the destination. */
  readonly headers: Readonly<Record<string, string>>;
  /** The same as text, for what the request brings. */
  readonly context: string | null;
};

/** A destination as its kind speaks to it. Every call tells its result and decides nothing. */
export interface Destination {
  /** @param traced absent: the request is in no trace */
  write(write: Write, signal: AbortSignal, traced?: Traced): Promise<Exchange>;
  /** The name of a single request in the metrics; absent: that of its effect. */
  readonly counted?: "fetch";
  /** After how long refused credentials are tried again, since they may have become good; null: not before they are replaced. */
  readonly credentialsAgainMs: number | null;
  /** Absent: the destination takes records only one by one. */
  readonly jobs?: BulkJobs;
  /** Absent: records can't be read from it. */
  readonly readBack?: ReadBack;
  close(): Promise<void>;
}

/** Records as they stand at the destination, many in one request. */
export interface ReadBack {
  /** The keys of some records of one object, as requests ask for them together. A key that can't be asked for is in none. */
  requestsOf(keys: readonly RecordKey[]): readonly (readonly RecordKey[])[];
  /** One request, for keys that `requestsOf` has put together. */
  read(object: string, keys: readonly RecordKey[], signal: AbortSignal): Promise<ReadRecords>;
  /** Whether a value that is read can have come from the one that was written: types of fields change how a value looks. */
  holds(read: unknown, written: Json): boolean;
}

/** `records`: by the places of the keys; null in it: there is no such record. Null in its place: none was read, and `exchange` says why. */
export type ReadRecords = { readonly exchange: Exchange; readonly records: readonly (StoredRecord | null)[] | null };

export type StoredRecord = {
  /** All fields that the destination shows; the record's own name stands under `NAME_FIELD`. */
  readonly fields: ReadonlyMap<string, unknown>;
  /** When anybody last changed it, by the destination's clock; null: it does not say. */
  readonly changedAtMs: number | null;
};

/** Many records in one request. */
export interface BulkJobs {
  /** The number of jobs that the destination works on at a time. */
  readonly atOnce: number;
  /** The group of a write, e.g. its object and action: writes of one group may share a job. Null: the write goes alone. */
  groupOf(write: Write): string | null;
  /** Sends up to `batch` writes of one group, each with its claim's fencing token. */
  start(writes: readonly Write[], signal: AbortSignal, traced?: Traced): Promise<JobExchange>;
  /**
   * Goes on with a job that another worker started, by its name, with the writes that this worker took over. Null: the name can't be
   * read.
   * @param places where the writes stand among the `of` writes of the job
   */
  resume(name: string, writes: readonly Write[], places: readonly number[], of: number): RunningJob | null;
  /** Absent: the destination tells of no jobs but those whose names are known. */
  readonly list?: JobList;
}

/** All jobs that the destination knows, also those of others. Each call is one request. */
export interface JobList {
  /** A page of the jobs, the newest first. */
  page(after: string | null, signal: AbortSignal): Promise<JobPage>;
  /** The jobs with these ids; a job that the answer does not name is not there any more. */
  of(ids: readonly string[], signal: AbortSignal): Promise<JobPage>;
  /** The number of ids that fit into one request. */
  readonly idsAtOnce: number;
}

/** `page` null: no page came, and `exchange` says why. `refused`: none will come the next time either. */
export type JobPage = {
  readonly exchange: Exchange;
  readonly page:
    | { readonly jobs: readonly { readonly id: string; readonly hasEnded: boolean }[]; readonly after: string | null }
    | "refused"
    | null;
};

/** A job that the destination has accepted and not ended. Each call is one request, but for `news`. */
export interface RunningJob {
  /** The name by which another worker could follow the job; null: it has ended, and only its records can be read. */
  readonly name: string | null;
  /** Resolves when the look at another job tells that this one has ended. */
  readonly over: Promise<void>;
  /** The answer about this job that a look at another one has brought meanwhile; null: none. */
  news(): Promise<JobExchange | null>;
  /** Asks how far the job is. A failed look (404, 5xx, silence) stands in `exchange`, and the job counts as running. */
  look(signal: AbortSignal): Promise<JobExchange>;
  /**
   * Reads the records instead, where the status can't be read. A write whose values the record shows was
   * carried out (its item is done); the end of any other write is unknown.
   */
  readBack(signal: AbortSignal): Promise<JobExchange>;
}

/**
 * `exchange` is the request itself, which the breaker and the quota hear of. `job` tells of the writes.
 * - `done`: an answer for each write, in their order; a write that failed alone is answered as a single write would be
 * - `running`: the job is to be looked at again
 * - `unsupported`: the destination knows no jobs
 * - `refused`: the job as a whole; `exchange` says why. After silence nothing is known and everything is sent again
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
  /** The destination's own word for the answer, as metrics and logs show it: a status, or why there is none. */
  readonly status: string;
  /** The exchange as a dead letter shows it; null: no answer came. */
  readonly shown: { readonly request: unknown; readonly response: unknown } | null;
  /** The write was sent among others, and less may be told of it than of one that is sent alone. */
  readonly shared?: true;
  /** False: the write was refused here, and nothing went out. */
  readonly sent?: boolean;
  /** The destination's words on its quota. */
  readonly quota?: Quota;
  /** The destination says that it checks fencing tokens. */
  readonly fenced?: true;
  /** Called once the write is settled. */
  readonly onSettled?: () => Promise<void>;
};

export type Quota = {
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until the quota's window starts anew. */
  readonly resetSeconds?: number;
};
