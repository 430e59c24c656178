import type { Claim } from "@sluice/queue";
import type { Traced } from "@sluice/destination";
import type { Span, Tracing } from "@sluice/tracing";

/** The span of a flight, and within it that of its request. */
export type FlightSpan = {
  readonly traceId: string;
  /** Begins the request, which carries its context to the destination. */
  depart(): Traced;
  /** @param status the destination's word for its answer */
  arrive(status: string): void;
  /** Ends the flight, with a word for each record. A second end says nothing. */
  end(words: readonly string[]): void;
};

export type FlightSpans = {
  /**
   * Begins the span of a request with these claims. It belongs to the trace of the oldest change, and is linked to all changes that
   * meet in it. Null: none of them is in a trace that is sampled.
   */
  begin(kind: string, claims: readonly Claim[]): FlightSpan | null;
};

export function flightSpans(tracing: Tracing, destination: string): FlightSpans {
  return {
    begin(kind, claims) {
      const links = claims.flatMap(({ traces }) => traces);
      const [parent] = links;
      if (parent === undefined) return null;
      const [{ object, attempts }] = claims as [Claim];
      const about = { "sluice.destination": destination, "sluice.object": object };
      const flight = tracing.begin(`flight ${destination}`, { kind: "internal", parent, links });
      // This process' own sampler may say no to a trace that was sampled at the door.
      if (flight.context === null) return null;
      let request: Span | null = null;
      let isOver = false;
      return {
        traceId: flight.traceId,
        depart() {
          request = tracing.begin(`${kind} ${destination}`, { kind: "client", parent: flight.context });
          return { headers: request.headers, context: request.context };
        },
        arrive(status) {
          request?.end({ ...about, "sluice.answer": status }, null);
          request = null;
        },
        end(words) {
          if (isOver) return;
          isOver = true;
          request?.end(about, "no answer");
          const unsettled = words.filter((word) => word !== SETTLED);
          const word = new Set(words).size > 1 ? "mixed" : (words[0] ?? "none");
          flight.end(
            {
              ...about,
              "sluice.records": claims.length,
              "sluice.attempt": attempts + 1,
              "sluice.verdict": word,
              "sluice.settled": words.length - unsettled.length,
            },
            unsettled[0] ?? null,
          );
        },
      };
    },
  };
}

const SETTLED = "settle";
