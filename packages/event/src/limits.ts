/** The limits of reading and verifying a webhook. Each stops one way of making a request expensive. */
export const LIMITS = {
  /** A sender that rotates keys sends two or three signatures; Standard Webhooks allows a list. */
  maxSignatures: 64,
  /** Secrets live at once in a source. Every one is tried on every request. */
  maxSecrets: 8,
  /** Nesting of objects and arrays. Deeper JSON is refused before it is parsed. */
  maxJsonDepth: 100,
  /** Nesting of XML elements. */
  maxXmlDepth: 32,
  /** A text that a handshake gives back, in characters. Real ones have less than a hundred. */
  maxEchoCharacters: 1_000,
  /** Keys that are kept read, for all schemes together. */
  maxKeptKeys: 1_000,
  /** Events in one request. The largest batch that any known sender makes is 100. */
  maxEvents: 1_000,
  /** A longer event id is replaced by its SHA-256, which is as good an identity. */
  maxEventIdCharacters: 200,
  /** Bodies are refused above this unless the scheme or the source says otherwise. */
  defaultBodyBytes: 1_048_576,
  /** The limit for senders whose batches are large: Salesforce's Outbound Messages, Adobe's batches. */
  largeBodyBytes: 5_242_880,
  /** GitHub's own cap. */
  hugeBodyBytes: 26_214_400,
} as const;
