import type { Scheme, SecondFactor } from "@sluice/event";
import type { CompiledMapping } from "@sluice/record";
import type { IssueKind } from "./schema/issue-webhook-schema.ts";
import type { Secret } from "./secret.ts";

/** The content of `sluice.yaml`, checked, resolved and compiled. */
export type Configuration = {
  readonly sources: ReadonlyMap<string, SourceConfiguration>;
  readonly destinations: ReadonlyMap<string, DestinationConfiguration>;
  /** Objects that `sluice up` makes in its own records store where they are missing. */
  readonly objects: ReadonlyMap<string, ObjectConfiguration>;
  /** Addresses and CIDR ranges of the proxies before the ingress and the records store. */
  readonly trustedProxies?: readonly string[];
  readonly recordsStore?: RecordsStoreConfiguration;
  /** False: no history is kept, also by a command that would keep one by itself. */
  readonly history?: HistoryConfiguration | false;
  /** People who may sign in at the console besides those who have its token. */
  readonly console?: ConsoleConfiguration;
  /** Receivers of webhooks that tell of issues. */
  readonly issueWebhooks?: readonly IssueWebhookConfiguration[];
  /** How far ahead of our clock a version may be. */
  readonly versionSkewMs: number;
  /** How long an event id is remembered on its record. */
  readonly dedupeWindowMs: number;
  /** How long a webhook waits for a worker with the configuration that its door had. */
  readonly unknownSourceAfterMs: number;
  /** How long a door goes on taking webhooks while it says that it stops. */
  readonly drainDelayMs: number;
  /** How long a record's ledger is kept after its last change. */
  readonly orderingHorizonMs: number;
  /** The state that an event must be in before its sender hears a 2xx: in Redis, on its disk, or on so many replicas. */
  readonly ack: "redis" | "fsync" | { readonly replicas: number };
  /** How much of its memory Redis may use before nothing is admitted. */
  readonly redisMemoryBudget: { readonly share: number } | { readonly bytes: number };
};

/** Sluice's own records store, as `sluice up` and `sluice records` start it. */
export type RecordsStoreConfiguration = {
  readonly publicUrl?: string | undefined;
  readonly nextOnLastPage?: boolean | undefined;
  readonly strictFields?: boolean | undefined;
};

/** The console's way in for people, by an OpenID provider. */
export type ConsoleConfiguration = {
  /** The address at which browsers reach the console. */
  readonly publicUrl: string;
  readonly oidc: OidcConfiguration;
};

export type OidcConfiguration = {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: string;
  /** The claim that tells who may do what, and its values for each role; `*` stands for everybody whom the provider knows. */
  readonly claim: string;
  readonly operate: readonly string[];
  readonly read: readonly string[];
};

export type IssueWebhookConfiguration = {
  readonly url: string;
  /** `whsec_` and base64. */
  readonly secret: string;
  /** Null: all kinds. */
  readonly kinds: readonly IssueKind[] | null;
  /** Whether the URL's name may lead to addresses that are not public. */
  readonly privateAddresses: boolean;
};

/** The history of webhooks and their outcomes, kept in Postgres. */
export type HistoryConfiguration = {
  /** Undefined: SLUICE_HISTORY_DATABASE_URL, or with `sluice up` the store's own. */
  readonly databaseUrl?: string | undefined;
  readonly keepMs: number;
  readonly sizeBytes: number;
  /** Keys of 32 bytes: the first encrypts, all of them decrypt. */
  readonly keys: readonly Uint8Array[];
};

/** A sender. */
export type SourceConfiguration = {
  readonly name: string;
  /** The source's place in the file, from 0: of two equal versions the later source wins. */
  readonly rank: number;
  readonly scheme: Scheme;
  /** Secrets in the order of the file; samples are signed with the first. */
  readonly secrets: readonly Secret[];
  /** The URL that the sender was given, for schemes that sign it; where it is unset, the URL as received. */
  readonly publicUrl?: string;
  readonly mappings: readonly CompiledMapping[];
  /** Types that no row takes on purpose; a type that ends in `*` stands for all that begin so. */
  readonly unmapped: readonly string[];
  /** Null: every event carries what its mappings read. */
  readonly fetch: FetchConfiguration | null;
  readonly bodyLimitBytes: number;
  /** The factor that a caller must have beside the scheme's proof; nothing, without members. */
  readonly secondFactor: SecondFactor;
  /** Requests in a second that each ingress takes; unset, as many as come. */
  readonly ratePerSecond?: number;
  /** Paths of the body whose values never reach the history. */
  readonly redact?: readonly string[];
  /** How long it may send nothing before that is an issue; unset: as its week tells. */
  readonly silentAfterMs?: number;
  /** The source's weight among the live sources; 0: backfill, which takes only what those leave. */
  readonly share: number;
};

/** How the documents of a source's thin events are fetched: a lane with its own quota, breaker and hold. */
export type FetchConfiguration = {
  /** The lane's name. No destination can have it: it holds a colon. */
  readonly name: string;
  /** Null: no credentials are sent. */
  readonly auth: FetchAuth | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly requestsPerMinute: number;
  readonly concurrency: number;
  /** Whether the API's name may lead to addresses that are not public. */
  readonly privateAddresses: boolean;
};

export type FetchAuth =
  | { readonly bearer: string }
  | { readonly basic: { readonly user: string; readonly password: string } }
  | {
      readonly oauth: {
        readonly tokenUrl: string;
        readonly clientId: string;
        readonly clientSecret: string;
        readonly scope: string | undefined;
        readonly clientIn: "header" | "body";
      };
    };

/** A place where records are kept converged. */
export type DestinationConfiguration = {
  readonly name: string;
  readonly kind: "zendesk";
  /** The base URL, without a slash at its end. */
  readonly url: string;
  readonly auth: DestinationAuth;
  readonly requestsPerMinute: number;
  /** Requests in flight, per process. */
  readonly concurrency: number;
  /** How many lanes it begins with. Redis says how many one has that holds something. */
  readonly lanes: number;
  /** Requests in flight, in the whole fleet; null: as many as the processes have. */
  readonly maxInFlight: number | null;
  /** Records in one bulk job, at most. */
  readonly batch: number;
  /** The time from sending a request to the last byte of its answer. */
  readonly timeoutMs: number;
  /** Whether the destination checks the token of each write; null: its answers tell. */
  readonly fences: boolean | null;
  /** Where the destination checks no token: how long after its claim a write without an answer may still land. */
  readonly settleAfterSilenceMs: number;
  readonly retry: RetryConfiguration;
  /** Whether a record whose values equal what was last confirmed is left alone. */
  readonly skipUnchanged: boolean;
};

export type RetryConfiguration = {
  readonly maxAttempts: number;
  /** The deadline of a change, from the first failed attempt. */
  readonly deadlineMs: number;
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
};

export type DestinationAuth =
  | { readonly bearer: string }
  | { readonly email: string; readonly apiToken: string }
  | {
      readonly oauth: {
        readonly clientId: string;
        readonly clientSecret: string;
        readonly scope: string;
      };
    };

/** An object of the records store, as its API takes it. */
export type ObjectConfiguration = {
  readonly key: string;
  readonly title: string;
  readonly titlePluralized: string;
  readonly uniqueNames: boolean;
  readonly fields: ReadonlyMap<string, FieldConfiguration>;
};

export type FieldConfiguration = {
  readonly key: string;
  readonly type: string;
  readonly title: string;
  /** The options of dropdown and multiselect fields: value → name. */
  readonly options: ReadonlyMap<string, string>;
  /** The pattern of regexp fields. */
  readonly pattern?: string;
  /** The target of lookup fields. */
  readonly target?: string;
};
