/**
 * A sender's scheme: one row of data that says how to verify its requests, how a body splits into
 * events, what to answer and how much to accept. The engine (`verify`, `readEvents`, `sign`) knows no
 * sender; a new one is a new row in `schemes/`.
 */
export type Scheme = {
  readonly name: string;
  /** The sender as people call it. */
  readonly title: string;
  readonly check: Check;
  readonly event: EventRules;
  readonly reply: ReplyProfile;
  readonly limits: SchemeLimits;
};

/** How a request proves where it comes from. */
export type Check = SignatureCheck | TokenCheck | BasicCheck | BearerCheck;

export const ALGORITHMS = ["hmac-sha256", "hmac-sha512", "hmac-sha1", "sha256", "ed25519", "rsa-sha256"] as const;
type Algorithm = (typeof ALGORITHMS)[number];

/** How the secret, as the operator pastes it, becomes the bytes of the key. */
export const KEY_FORMS = ["utf8", "base64", "hex", "pem-bundle"] as const;
export type KeyForm = (typeof KEY_FORMS)[number];

export const ENCODINGS = ["hex", "base64", "base64url"] as const;
export type Encoding = (typeof ENCODINGS)[number];

/**
 * `plain`: the header is the signature. `prefix`: after a fixed prefix. `kv`: members of
 * `t=…,v1=…`. `versioned`: entries `v1,<signature>` with spaces between.
 */
export const SIGNATURE_FORMATS = ["plain", "prefix", "kv", "versioned"] as const;
type SignatureFormat = (typeof SIGNATURE_FORMATS)[number];

export const TIMESTAMP_UNITS = ["s", "ms", "iso8601"] as const;
export type TimestampUnit = (typeof TIMESTAMP_UNITS)[number];

export type SignatureCheck = {
  readonly type: "signature";
  readonly alg: Algorithm;
  readonly key: KeyForm;
  /** Cut from the secret before it is decoded, where it is there: `whsec_`. */
  readonly keyPrefix?: string;
  readonly sig: {
    /** Any of these headers may carry a signature. */
    readonly headers: readonly string[];
    readonly format: SignatureFormat;
    readonly prefix?: string;
    readonly version?: string;
    readonly field?: string;
    readonly encoding: Encoding;
  };
  /** What is signed, as a template; see `signed-content.ts`. */
  readonly content: string;
  readonly ts?: {
    readonly header: string;
    /** The time is this member of a `kv` header. */
    readonly kvField?: string;
    readonly unit: TimestampUnit;
    /** In both directions. */
    readonly toleranceSec: number;
  };
  /** Headers that must be there exactly once. */
  readonly required?: readonly string[];
};

/** A shared token. It proves the caller, not the body. */
export type TokenCheck = {
  readonly type: "token";
  /** `header:NAME`, `query:NAME` or `json:PATH`, where `a[].b` means every element of `a`. */
  readonly from: string;
};

/** HTTP basic; the secret is `user:password`. */
export type BasicCheck = { readonly type: "basic" };

export type BearerCheck = { readonly type: "bearer" };

/** How a body becomes events. Templates are those of `template.ts`; the first that resolves wins. */
export type EventRules = {
  /** `one`: the body is one event. `many`: the body is an array of events, or a single one. */
  readonly split: "one" | "many" | { readonly at: string };
  /** Without any: SHA-256 over the event's type, time and element. */
  readonly id: readonly string[];
  readonly type: readonly string[];
  readonly time: readonly TimeRule[];
  readonly data: readonly string[];
};

export type TimeRule = { readonly from: string; readonly unit: TimestampUnit };

/** Deviations from the ordinary answers of the door, for senders that insist. */
export type ReplyProfile = {
  readonly success?: Reply;
  readonly notAuthentic?: Reply;
  readonly unreadable?: Reply;
};

export type Reply = {
  readonly status: number;
  /** `report`: the ordinary JSON body. `none`: an empty body. Else this text. */
  readonly body: "report" | "none" | { readonly text: string; readonly type: string };
};

export type SchemeLimits = {
  readonly bodyBytes: number;
  readonly methods: readonly string[];
};
