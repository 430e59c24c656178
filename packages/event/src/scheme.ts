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
  /** Questions that the sender asks before it delivers anything; the first that fits is answered. */
  readonly handshakes?: readonly Handshake[];
  /** How the body is written; JSON without it. */
  readonly body?: BodyForm;
  readonly event: EventRules;
  readonly reply: ReplyProfile;
  readonly limits: SchemeLimits;
};

/** The way in which a request proves its origin. */
export type Check =
  | SignatureCheck
  | MembersCheck
  | TokenCheck
  | BasicCheck
  | BearerCheck
  | JwtCheck
  | AddressCheck
  | MtlsHeaderCheck
  | AnyCheck
  | NoCheck;

export const ALGORITHMS = ["hmac-sha256", "hmac-sha512", "hmac-sha1", "sha256", "ed25519", "rsa-sha256"] as const;

/** The algorithms of signatures within a body. RSA with SHA-1 is Amazon SNS' default: a second message with one signature is out of reach, two made together are not. */
export const MEMBER_ALGORITHMS = ["hmac-sha256", "hmac-sha512", "hmac-sha1", "rsa-sha256", "rsa-sha1"] as const;
export type MemberAlgorithm = (typeof MEMBER_ALGORITHMS)[number];

export type Algorithm = (typeof ALGORITHMS)[number] | MemberAlgorithm;

/** How the secret, as the operator pastes it, becomes the bytes of the key. */
export const KEY_FORMS = ["utf8", "base64", "hex", "pem-bundle"] as const;
export type KeyForm = (typeof KEY_FORMS)[number];

export const ENCODINGS = ["hex", "base64", "base64url"] as const;
export type Encoding = (typeof ENCODINGS)[number];

/**
 * `plain`: the header is the signature. `prefix`: after a fixed prefix. `kv`: members of
 * `t=…,v1=…`. `versioned`: entries `v1,<signature>` with spaces between. `list`: signatures with commas between or in a header each,
 * after their time where `ts` reads the same header, and each after its prefix where there is one.
 */
export const SIGNATURE_FORMATS = ["plain", "prefix", "kv", "versioned", "list"] as const;
type SignatureFormat = (typeof SIGNATURE_FORMATS)[number];

export const TIMESTAMP_UNITS = ["s", "ms", "iso8601"] as const;
export type TimestampUnit = (typeof TIMESTAMP_UNITS)[number];

/**
 * Times in bodies come in more forms: `us` is microseconds since 1970, `utc` a date and time without a
 * zone that means UTC, with a space or T between, `dotnet` `/Date(milliseconds)/`.
 */
export const TIME_FORMS = [...TIMESTAMP_UNITS, "us", "utc", "dotnet"] as const;
export type TimeForm = (typeof TIME_FORMS)[number];

export type SignatureCheck = {
  readonly type: "signature";
  readonly alg: (typeof ALGORITHMS)[number];
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
    /** The separator of the members of a `kv` or `list` header; a comma without it. */
    readonly separator?: string;
    readonly encoding: Encoding;
  };
  /** The signed content, as a template; see `signature/signed-content.ts`. */
  readonly content: string;
  readonly ts?: {
    readonly header: string;
    /** The time is this member of a `kv` header. */
    readonly kvField?: string;
    readonly unit: TimestampUnit;
    /** How far the time may lie from now, in both directions. */
    readonly toleranceSec: number;
  };
  /** Headers that must be there exactly once. */
  readonly required?: readonly string[];
  /** The sender undoes HTML entities in the secret before it signs: `&amp;` is the key `&`. */
  readonly secretEntities?: true;
  /** A stronger check, which decides where a request carries its header too. */
  readonly stronger?: SignatureCheck;
  /** Public keys that the sender publishes, where the secret is not the keys themselves. */
  readonly remote?: RemoteKeys;
};

/** Keys that requests name by URL. Host and path are pinned, so that no request leads us elsewhere. */
export type RemoteKeys = {
  readonly host: string;
  readonly pathHeaders: readonly string[];
  /** The pattern that the whole path must fit. */
  readonly pathPattern: string;
  /** A path in the body that must hold the secret: keys are the sender's, not the subscription's. */
  readonly recipient: string;
};

/**
 * A signature that is a member of the body, over other members of it. It proves nothing of the rest: where events are read from
 * signed members alone the body counts as signed, else the caller as authenticated.
 */
export type MembersCheck = {
  readonly type: "members";
  /** The path of the objects that are signed, each by itself, as `TokenCheck` writes paths; without it the body is one. All must be authentic. */
  readonly at?: string;
  /** The path of the signature in such an object. */
  readonly signature: string;
  readonly encoding: Encoding;
  /** The algorithm, or a member whose text says which of a few. */
  readonly alg: MemberAlgorithm | { readonly from: string; readonly is: { readonly [text: string]: MemberAlgorithm } };
  readonly key: KeyForm;
  /** The signed content; the first whose `where` fits counts, and without one nothing is authentic. */
  readonly content: readonly MembersContent[];
  /** A signed member that says when the object was made. */
  readonly ts?: { readonly from: string; readonly unit: TimestampUnit; readonly toleranceSec: number };
  /** Public keys that the sender publishes, where the secret is not the keys themselves. */
  readonly remote?: RemoteMemberKeys;
};

/** Members as they are signed: each written as `as`, with `between` between them and `end` behind the last. */
export type MembersContent = {
  /** Only objects in which this member is one of these texts. */
  readonly where?: { readonly member: string; readonly is: readonly string[] };
  /** Paths in the order in which they are signed. */
  readonly members: readonly string[];
  /** Members that may be missing, or null. */
  readonly optional?: readonly string[];
  /** A missing member is signed as an empty text, or is left out. */
  readonly absent: "empty" | "left out";
  /** `{name}` stands for the member's path and `{value}` for its text. */
  readonly as: string;
  readonly between: string;
  readonly end?: string;
  /** The only member that may hold `between`: with two of them one signature would be good for several ways to part the text. */
  readonly free?: string;
};

/** Keys that signed objects name by URL. The pattern pins the host, so that no request leads us elsewhere. */
export type RemoteMemberKeys = {
  /** The path of the URL. */
  readonly url: string;
  /** The pattern that the whole URL must fit. */
  readonly urlPattern: string;
  /** The path of a signed member that must be the secret: keys are the sender's, not the subscription's. */
  readonly recipient: string;
  /** The pattern that such a secret fits. */
  readonly recipientPattern: string;
};

/** A shared token, which proves the caller, not the body. */
export type TokenCheck = {
  readonly type: "token";
  /** `header:NAME`, `query:NAME`, `json:PATH`, where `a[].b` means every element of `a`, or `xml:NAME`. */
  readonly from: string;
};

/** HTTP basic; the secret is `user:password`. */
export type BasicCheck = { readonly type: "basic" };

export type BearerCheck = { readonly type: "bearer" };

export const JWT_ALGORITHMS = [
  "HS256",
  "HS384",
  "HS512",
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
] as const;
export type JwtAlgorithm = (typeof JWT_ALGORITHMS)[number];

/** A JSON Web Token. The secret is the key of an HMAC, a JSON Web Key Set, or the https URL of one. */
export type JwtCheck = {
  readonly type: "jwt";
  /** The only algorithm that counts, whatever the token says of itself. */
  readonly alg: JwtAlgorithm;
  readonly header: string;
  /** The word before the token in its header, such as `Bearer`; empty: the header is the token. */
  readonly scheme: string;
  /** The secret is a key set. */
  readonly jwks?: boolean;
  readonly iss?: string;
  /** `{url}` stands for the URL that the sender was given, `{fragment}` for what stands behind `#` in the key set's URL. */
  readonly aud?: string;
  /** How far the clocks may differ. */
  readonly skewSec?: number;
  /** A claim that must hold the body's SHA-256, base64url: only then is the body covered. */
  readonly bodyDigestClaim?: string;
};

/** The client's address; the secret is a list of addresses and CIDR ranges, with commas between. */
export type AddressCheck = { readonly type: "ip" };

/** A proxy before us checked the client's certificate; the secret is its fingerprint. */
export type MtlsHeaderCheck = {
  readonly type: "mtls-header";
  readonly verifyHeader: string;
  /** The header's value when the certificate is good. */
  readonly verifyValue: string;
  readonly fingerprintHeader: string;
  /** The proxies that are believed where the configuration has no `trusted_proxies`. */
  readonly trustedProxies: readonly string[];
};

/** Several checks, one of which is enough. */
export type AnyCheck = { readonly type: "any"; readonly of: readonly Exclude<Check, AnyCheck>[] };

/** The check of a scheme that only answers a handshake: nothing is ever authentic. */
export type NoCheck = { readonly type: "none" };

/**
 * The way in which a sender asks whether it may deliver.
 * `query-echo`, `query-echo-json`: the answer is a parameter of the URL. `json-echo`: the body's only
 * member; with `signed`, a member of a verified body whose `type` is `only`. `header-echo`: a header, which
 * is also the secret from now on. `body-secret`: the body's only member is that secret, and nothing is given back. `cloudevents-options`: CloudEvents' HTTP webhook specification.
 * `validation-url`: the body's only member is a URL of this host, which has to be opened afterwards. `signed-visit`: such a URL is a member
 * of a verified body in which `where` holds, and `host` is a pattern.
 * `eventgrid-validation`: Azure Event Grid's own. `form-ping`: a body that fits the pattern. `head` and `get`: a HEAD or GET without a body, whose answer is its status.
 */
export type Handshake =
  | { readonly kind: "query-echo" | "query-echo-json"; readonly param: string; readonly as: string }
  | { readonly kind: "json-echo"; readonly field: string }
  | { readonly kind: "signed-echo"; readonly field: string; readonly only: string }
  | { readonly kind: "header-echo"; readonly header: string }
  | { readonly kind: "body-secret"; readonly field: string }
  | { readonly kind: "validation-url"; readonly field: string; readonly host: string }
  | {
      readonly kind: "signed-visit";
      readonly field: string;
      readonly where: { readonly member: string; readonly is: string };
      readonly host: string;
    }
  | { readonly kind: "cloudevents-options"; readonly authenticated?: true }
  | { readonly kind: "eventgrid-validation" }
  | { readonly kind: "form-ping"; readonly pattern: string }
  | { readonly kind: "head" }
  | { readonly kind: "get" };

/**
 * `json`: one document; an empty body stands for `{}` where `event.emptyBody` says so. `form`: JSON, or
 * form fields where the content type says so. `cloudevents`: structured, binary or batch. `dataverse`: JSON
 * whose record is unfolded into `Target`.
 * `salesforce-soap`: an Outbound Message.
 */
export const BODY_FORMS = ["json", "form", "cloudevents", "dataverse", "salesforce-soap"] as const;
export type BodyForm = (typeof BODY_FORMS)[number];

/** How a body becomes events. Templates are those of `events/template.ts`; the first that resolves wins. */
export type EventRules = {
  readonly split: Split;
  /** Each value of this array in an element makes an event of its own, found at `{each}`; `otherwise`: elements may lack it. */
  readonly each?: string | { readonly at: string; readonly otherwise: "one" };
  /**
   * The sender's id of the event or the delivery. A record's id with its modified time is none: several changes share
   * it. Without an id one is made, see `events/identity.ts`.
   */
  readonly id: readonly string[];
  /** Paths in an event whose values differ from one attempt to the next: they are left out of an id that is made. */
  readonly volatile?: readonly string[];
  /** Values that tell deliveries apart at a sender that never repeats one: they go into an id that is made. */
  readonly delivery?: readonly string[];
  readonly type: readonly string[];
  /** When the event happened. The time of an attempt is none: a repetition would be newer than events that came after the first try. */
  readonly time: readonly TimeRule[];
  /** The event's own time, where `time` is coarser. Unset: `time`; an empty list: no finer time. */
  readonly finer?: readonly TimeRule[];
  readonly data: readonly string[];
  /** The record's own version, where the sender has a better one than `time`. */
  readonly version?: readonly VersionRule[];
  /** The marks of a deletion, any of which is enough. */
  readonly delete?: readonly Mark[];
  /** The marks of events that only say that something happened, so that the record has to be fetched. */
  readonly thin?: "always" | readonly Mark[];
  /** Members of each event whose text may be a JSON document: they are read as its object or array. Another text stays a text. */
  readonly json?: readonly string[];
  /** Members of each event that are credentials: they are checked and then forgotten. */
  readonly omit?: readonly string[];
  /** A request without a body is an event too: its headers say all. */
  readonly emptyBody?: true;
};

/**
 * `one`: the body is one event. `many`: the body is an array of events, or a single one. `at`: the path of an
 * array, where `a[].b` goes through every element of `a`; `carry` names members of those elements that go along
 * with each event, and `otherwise` says how to read a body with nothing at the path.
 */
export type Split =
  | "one"
  | "many"
  | { readonly at: string; readonly carry?: readonly string[]; readonly otherwise?: "one" | "many" };

export type TimeRule = {
  readonly from: string;
  readonly unit: TimeForm;
  /** A template for the event's place, from 0 to 999, among those of one millisecond. */
  readonly ordinal?: string;
};

/** `integer`: a whole number up to 2^63 − 1; else a time. */
export type VersionRule = { readonly from: string; readonly unit: TimeForm | "integer" };

/** A template that fills to a text which fits the pattern, or that does not fill at all. */
export type Mark = { readonly in: string; readonly fits: string } | { readonly lacks: string };

/** Deviations from the ordinary answers of the door, for senders that insist. */
export type ReplyProfile = {
  readonly success?: SenderReply;
  /** The answer when every event of the request had been received before. */
  readonly duplicate?: SenderReply;
  readonly notAuthentic?: SenderReply;
  readonly unreadable?: SenderReply;
  /** The answer instead of any other from 400 to 499. */
  readonly refused?: SenderReply;
  /** The answer when nothing can be stored; unset: the ordinary 503 with Retry-After in seconds. */
  readonly overload?: { readonly status: 429 | 503; readonly retryAfter: "seconds" | "milliseconds" };
};

export type SenderReply = {
  readonly status: number;
  /** `report`: the ordinary JSON body. `none`: an empty body. Else this text. */
  readonly body: "report" | "none" | { readonly text: string; readonly type: string };
};

export type SchemeLimits = {
  readonly bodyBytes: number;
  readonly methods: readonly string[];
};
