/** Why a request is not authentic: a closed list, so that it can be a metric's label. */
export const VERIFY_REASONS = [
  "address_unknown",
  "address_wrong",
  "credential_missing",
  "credential_wrong",
  "header_missing",
  "header_repeated",
  "key_unavailable",
  "proxy_untrusted",
  "recipient_wrong",
  "secret_missing",
  "signature_missing",
  "signature_too_many",
  "signature_unreadable",
  "signature_wrong",
  "timestamp_ahead",
  "timestamp_missing",
  "timestamp_stale",
  "timestamp_unreadable",
  "token_expired",
  "token_wrong",
] as const;
export type VerifyReason = (typeof VERIFY_REASONS)[number];

/** The end of a check. `secretIndex` says which secret matched, so that an operator sees when an old one falls silent. */
export type VerifyResult =
  | { readonly ok: true; readonly secretIndex: number }
  | { readonly ok: false; readonly reason: VerifyReason };
