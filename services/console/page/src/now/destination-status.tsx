import { count, rate } from "../figures.ts";
import { HoldButton } from "../destinations/hold-button.tsx";
import { LaneState } from "../destinations/lane-state.tsx";
import { duration } from "../time.ts";
import { HoldNote } from "../destinations/hold-note.tsx";
import type { DestinationNow } from "../../../src/contract/now.ts";

/** One destination: its hold, how much waits for it, and the button that holds or resumes it. */
export function DestinationStatus({ destination, at }: { readonly destination: DestinationNow; readonly at: string }) {
  const { name, kind, quota, breaker, outcomes } = destination;
  return (
    <li>
      <div class="name">
        <a href={`/destinations/${encodeURIComponent(name)}`}>{name}</a>
        <LaneState destination={destination} />
        <small class="soft">{kind}</small>
      </div>
      <div class="tells">
        <HoldNote destination={destination} at={at} />
        <dl class="small-figures">
          <div>
            <dt>Pending</dt>
            <dd>{count(destination.pendingRecords)}</dd>
          </div>
          <div>
            <dt>Oldest</dt>
            <dd>{destination.oldestPendingSeconds === null ? "–" : duration(destination.oldestPendingSeconds)}</dd>
          </div>
          <div>
            <dt>Backlog gone</dt>
            <dd>{forecast(destination)}</dd>
          </div>
          <div>
            <dt>In and out</dt>
            <dd>
              {rate(destination.acceptedPerSecond)} and {rate(destination.endedPerSecond)}/s
            </dd>
          </div>
          <div>
            <dt>Applied</dt>
            <dd>{count(outcomes.applied)}</dd>
          </div>
          <div>
            <dt>Dead</dt>
            <dd class={destination.deadLetters > 0 ? "bad" : undefined}>{count(destination.deadLetters)}</dd>
          </div>
          <div>
            <dt>Quota</dt>
            <dd>
              {count(quota.requestsPerMinute)}/min
              {quota.requestsPerMinute < quota.configured && <span class="soft"> of {count(quota.configured)}</span>}
            </dd>
          </div>
          <div>
            <dt>Breaker</dt>
            <dd class={breaker.state === "open" ? "warn" : undefined}>
              {breaker.state}
              {breaker.outages > 1 && `, ${breaker.outages} outages`}
            </dd>
          </div>
        </dl>
      </div>
      <HoldButton destination={destination} />
    </li>
  );
}

function forecast({ open, state, forecastSeconds }: DestinationNow): string {
  if (open === 0) return "–";
  if (state === "held") return "once it flows";
  return forecastSeconds === null ? "can’t be said yet" : `in about ${duration(forecastSeconds)}`;
}
