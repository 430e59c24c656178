import { useRoute } from "preact-iso";
import type { DestinationJson } from "../../../src/contract/destination.ts";
import { useAnswer } from "../api/questions.ts";
import { count, countWithNoun } from "../figures.ts";
import { useNow } from "../live-updates.tsx";
import { Charts } from "../now/charts.tsx";
import { Answered } from "../parts/answers.tsx";
import { Section, View } from "../parts/view.tsx";
import { duration, milliseconds } from "../time.ts";
import { HoldButton } from "./hold-button.tsx";
import { HoldNote } from "./hold-note.tsx";
import { LaneState } from "./lane-state.tsx";
import { QuotaText } from "./quota-text.tsx";

const EVERY_MS = 2_000;

/** One destination. */
export function DestinationView() {
  const { name } = useRoute().params as { name: string };
  const answer = useAnswer("getDestination", { path: { name } }, { everyMs: EVERY_MS });
  const { now } = useNow();
  const at = new Date(answer.dataUpdatedAt).toISOString();
  return (
    <View
      title={name}
      trail={<a href="/destinations">Destinations</a>}
      says={answer.data === undefined ? undefined : <LaneState destination={answer.data.now} />}
      acts={answer.data === undefined ? undefined : <HoldButton destination={answer.data.now} />}
    >
      <Answered answer={answer}>
        {(destination) => (
          <>
            <div class="lanes">
              <HoldNote destination={destination.now} at={at} />
            </div>
            {now !== undefined && <Charts key={name} now={now} destination={name} />}
            <Shown destination={destination} />
          </>
        )}
      </Answered>
    </View>
  );
}

function Shown({ destination }: { readonly destination: DestinationJson }) {
  const { now, shares } = destination;
  return (
    <>
      <dl class="facts section">
        <dt>Address</dt>
        <dd>
          {now.kind} at <code>{destination.origin}</code>
        </dd>
        <dt>Quota</dt>
        <dd>
          <QuotaText quota={now.quota} />
        </dd>
        <dt>Breaker</dt>
        <dd>
          {now.breaker.state}
          {now.breaker.outages > 0 && `, outage ${now.breaker.outages} in a row`}
        </dd>
        <dt>Pending</dt>
        <dd>
          <a href={`/records?destination=${encodeURIComponent(now.name)}`}>
            {countWithNoun(now.pendingRecords, "record")}
          </a>
          {now.oldestPendingSeconds !== null && `, the oldest for ${duration(now.oldestPendingSeconds)}`}
          {now.state !== "held" &&
            now.pendingRecords > 0 &&
            now.forecastSeconds !== null &&
            `, gone in about ${duration(now.forecastSeconds)}`}
        </dd>
        <dt>Dead letters</dt>
        <dd>
          <a href={`/letters?destination=${encodeURIComponent(now.name)}`}>{count(now.deadLetters)}</a>
        </dd>
        {now.doubtfulRecords > 0 && (
          <>
            <dt>Doubtful</dt>
            <dd class="warn">
              {countWithNoun(now.doubtfulRecords, "record")}, which a late write may have put back:{" "}
              <a href={`/reconciles?destination=${encodeURIComponent(now.name)}`}>compare them</a>
            </dd>
          </>
        )}
        <dt>At a time</dt>
        <dd>
          {countWithNoun(destination.concurrency, "request")}, each with{" "}
          {destination.batch === 1 ? "one record" : `up to ${count(destination.batch)} records`}, for at most{" "}
          {milliseconds(destination.timeoutMs)}
        </dd>
        {now.kind !== "fetch" && (
          <>
            <dt>Fencing</dt>
            <dd>
              {destination.fences === null &&
                `it has not said that it checks tokens: after silence a record waits ${milliseconds(destination.settleAfterSilenceMs)}`}
              {destination.fences === true && "it refuses writes that are overtaken"}
              {destination.fences === false &&
                `it checks no token: after silence a record waits ${milliseconds(destination.settleAfterSilenceMs)}`}
            </dd>
          </>
        )}
        <dt>Objects</dt>
        <dd>{destination.objects.join(", ")}</dd>
      </dl>
      <Section title="Changes by source">
        <Outcomes rows={destination.outcomesBySource} />
      </Section>
      <Section title="Shares under load">
        {shares === null ? (
          <p class="soft">By age alone: whoever has waited longest goes first.</p>
        ) : (
          <table class="slim">
            <thead>
              <tr>
                <th scope="col">Source</th>
                <th scope="col" class="right">
                  Share
                </th>
                <th scope="col" class="right">
                  Open
                </th>
              </tr>
            </thead>
            <tbody>
              {shares.map(({ source, share, open }) => (
                <tr key={source}>
                  <td>{source}</td>
                  <td class="right">{share}</td>
                  <td class="right">{count(open)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Section>
    </>
  );
}

const COLUMNS = ["accepted", "applied", "merged", "superseded", "unchanged", "dead", "discarded", "open"] as const;

function Outcomes({ rows }: { readonly rows: DestinationJson["outcomesBySource"] }) {
  if (rows.length === 0) return <p class="soft">No change has been made for it yet.</p>;
  return (
    <div class="sums" tabIndex={0} role="region" aria-label="Changes by source">
      <table>
        <thead>
          <tr>
            <th scope="col">source</th>
            {COLUMNS.map((column) => (
              <th key={column} scope="col" class="right">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.source}>
              <td>{row.source}</td>
              {COLUMNS.map((column) => (
                <td key={column} class={`right figure${column === "dead" && row.dead > 0 ? " bad" : ""}`}>
                  {count(row[column])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
