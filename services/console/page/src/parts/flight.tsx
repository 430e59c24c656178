import type { FlightJson } from "../../../src/contract/event.ts";
import { countWithNoun } from "../figures.ts";
import { milliseconds } from "../time.ts";
import { sentence } from "./answers.tsx";
import { At } from "./clock.tsx";
import { JsonText } from "./json-text.tsx";

const VERDICTS: Readonly<Record<FlightJson["verdict"], { readonly tone: string; readonly says: string }>> = {
  settled: { tone: "good", says: "written" },
  superseded: { tone: "warn", says: "the destination has a newer write" },
  unchanged: { tone: "good", says: "the destination has these values already" },
  emptied: { tone: "", says: "nothing was left to send" },
  retry: { tone: "under-way", says: "tried again later" },
  held: { tone: "warn", says: "the destination was held" },
  object_held: { tone: "warn", says: "its object was held" },
  buried: { tone: "bad", says: "refused for good" },
  set_aside: { tone: "warn", says: "refused fields were set aside" },
  cut_off: { tone: "warn", says: "cut off by a stop" },
  lost: { tone: "", says: "another worker had taken it over" },
};

type FlightProps = {
  readonly flight: FlightJson;
  /** Whether request and answer are seen at once. */
  readonly isOpen?: boolean;
  /** Whether its own time is told: a list may have it already. */
  readonly isTimed?: boolean;
};

/** One attempt: when, how long, the answer; request and answer side by side for whoever opens it. */
export function FlightDetails({ flight, isOpen = false, isTimed = true }: FlightProps) {
  const { tone, says } = VERDICTS[flight.verdict];
  return (
    <details class="flight" open={isOpen}>
      <summary>
        <span>Attempt {flight.attempt}</span> <span class={`state ${tone}`}>{says}</span>{" "}
        <span class="soft">
          {flight.status ?? "nothing was sent"}
          {flight.durationMs !== null && ` after ${milliseconds(flight.durationMs)}`}
          {flight.records > 1 && `, with ${countWithNoun(flight.records - 1, "other record")}`}
          {flight.isProbe && ", to try whether a hold was over"}
          {isTimed && (
            <>
              , <At at={flight.endedAt ?? flight.claimedAt} />
            </>
          )}
        </span>
      </summary>
      {flight.message !== null && <p class="bad">{sentence(flight.message)}</p>}
      <div class="side-by-side">
        <div>
          <h3>Request</h3>
          {flight.request === null ? (
            <p class="soft">Nothing was sent, or it is not kept.</p>
          ) : (
            <JsonText value={flight.request} named={`Request of attempt ${flight.attempt}`} />
          )}
        </div>
        <div>
          <h3>Answer</h3>
          {flight.response === null ? (
            <p class="soft">There was none, or it is not kept.</p>
          ) : (
            <JsonText value={flight.response} named={`Answer to attempt ${flight.attempt}`} />
          )}
        </div>
      </div>
    </details>
  );
}
