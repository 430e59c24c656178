/** The spans of a process. Where nothing is traced there is no `Tracing` at all: callers hold `null`, and do nothing. */
export type Tracing = {
  begin(name: string, about: SpanBeginning): Span;
  /** Sends what is left to the collector, and ends. */
  close(deadlineMs: number): Promise<void>;
};

export type SpanBeginning = {
  /** `server`: a request came in; `consumer`: a stored webhook is worked on; `client`: a request goes out. */
  readonly kind: "server" | "consumer" | "internal" | "client";
  /** The context of the span that this one belongs to; null: the trace begins here. */
  readonly parent: string | null;
  /** Contexts of other spans that led to this one. */
  readonly links?: readonly string[];
  /** How long ago the span began. */
  readonly agoMs?: number;
};

/** A span that has begun. One that nobody ends is told to nobody. */
export type Span = {
  readonly traceId: string;
  /** The span's context as text, for what follows it. Null: the trace is not sampled, and nothing follows. */
  readonly context: string | null;
  /** The headers that carry the context to another system. */
  readonly headers: Readonly<Record<string, string>>;
  /** @param fault why the span failed; null: it did not */
  end(attributes: Attributes, fault: string | null): void;
};

export type Attributes = Readonly<Record<string, string | number | boolean>>;
