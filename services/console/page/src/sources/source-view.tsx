import { useRoute } from "preact-iso";
import type { Source } from "../../../src/contract/source.ts";
import { useAnswer } from "../api/questions.ts";
import { count, rate } from "../figures.ts";
import { Answered } from "../parts/answers.tsx";
import { Ago, At } from "../parts/clock.tsx";
import { Section, View } from "../parts/view.tsx";
import { useHasHistory } from "../session.ts";

const EVERY_MS = 5_000;

/** One sender: its secrets, the types that it sends, how they are mapped. */
export function SourceView() {
  const { name } = useRoute().params as { name: string };
  const answer = useAnswer("getSource", { path: { name } }, { everyMs: EVERY_MS });
  return (
    <View
      title={name}
      trail={<a href="/sources">Sources</a>}
      acts={
        <>
          <a class="button" href={`/events?source=${encodeURIComponent(name)}`}>
            Its events
          </a>
          <a class="button" href={`/try?source=${encodeURIComponent(name)}`}>
            Try a webhook of it
          </a>
        </>
      }
      says={answer.data === undefined ? undefined : `${answer.data.scheme}: ${answer.data.grade}`}
    >
      <Answered answer={answer}>{(source) => <Shown source={source} />}</Answered>
    </View>
  );
}

function Shown({ source }: { readonly source: Source }) {
  return (
    <>
      {source.warnings.map((warning) => (
        <p class="note warn" key={warning}>
          {warning}
        </p>
      ))}
      <dl class="facts section">
        <dt>Address</dt>
        <dd>
          <code>POST {source.path}</code>
        </dd>
        <dt>Last event</dt>
        <dd>
          {source.lastEventAt === null ? "none yet" : <Ago at={source.lastEventAt} />}
          {source.eventsPerMinute !== null && `, ${rate(source.eventsPerMinute)} a minute just now`}
          {source.eventsToday !== null && `, ${count(source.eventsToday)} today`}
        </dd>
        <dt>Came of them</dt>
        <dd>
          {count(source.understood)} understood: {count(source.made)} made changes, {count(source.duplicate)} duplicate,{" "}
          {count(source.ignored)} ignored, {count(source.dead)} dead
        </dd>
        <dt>Rank, share</dt>
        <dd>
          {source.rank + 1}, {source.share}{" "}
          <span class="soft">of two equal versions that of the source with the higher rank wins</span>
        </dd>
        {source.fetch !== null && (
          <>
            <dt>Fetches</dt>
            <dd>
              <code>{source.fetch.url}</code> from {source.fetch.destination}
            </dd>
          </>
        )}
      </dl>
      <Secrets secrets={source.secrets} />
      <Types source={source} />
      <FieldDrifts drifts={source.fieldDrifts} />
      <Section title="Mapping" says="As it is configured now">
        {source.rows.map((row) => (
          <details key={row.place} style={{ marginBottom: ".5rem" }}>
            <summary>
              {row.destination}/{row.object} <code>{row.key}</code>
              {row.effect === "delete" && <strong> deletes</strong>}
              {row.when !== null && (
                <span class="soft">
                  {" "}
                  when <code>{row.when}</code>
                </span>
              )}
            </summary>
            <dl class="facts" style={{ padding: ".5rem 0 .5rem 1rem" }}>
              <dt class="code">version</dt>
              <dd>{row.version === null ? <span class="soft">its arrival</span> : <code>{row.version}</code>}</dd>
              {row.fields.map(({ field, expression }) => (
                <>
                  <dt class="code">{field}</dt>
                  <dd>
                    <code>{expression}</code>
                  </dd>
                </>
              ))}
            </dl>
          </details>
        ))}
      </Section>
    </>
  );
}

function Secrets({ secrets }: { readonly secrets: Source["secrets"] }) {
  if (secrets.length === 0) return null;
  return (
    <Section title="Secrets">
      <table class="stacks">
        <thead>
          <tr>
            <th scope="col">Secret</th>
            <th scope="col">Accepted</th>
            <th scope="col">Last used</th>
          </tr>
        </thead>
        <tbody>
          {secrets.map(({ number, acceptedUntil, lastUsedAt }) => (
            <tr key={number}>
              <td data-label="Secret">number {number}</td>
              <td data-label="Accepted">
                {acceptedUntil === null ? (
                  "until it is taken out"
                ) : (
                  <span>
                    until <At at={acceptedUntil} />, <Ago at={acceptedUntil} />
                  </span>
                )}
              </td>
              <td data-label="Last used">{lastUsedAt === null ? "not yet" : <Ago at={lastUsedAt} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}

const DRIFTED = { new: "new", vanished: "gone", retyped: "of another kind" } as const;

/** The fields that are not as they were, where a history tells of the week before. */
function FieldDrifts({ drifts }: { readonly drifts: Source["fieldDrifts"] }) {
  const hasHistory = useHasHistory();
  if (!hasHistory) return null;
  return (
    <Section title="Fields since last week" says="The last day against the same day a week before, by samples">
      {drifts === null && <p class="soft">Not compared yet: that takes a moment after a start.</p>}
      {drifts?.length === 0 && <p class="soft">None was seen that is new, gone or of another kind.</p>}
      {drifts !== null && drifts.length > 0 && <DriftTable drifts={drifts} />}
    </Section>
  );
}

function DriftTable({ drifts }: { readonly drifts: NonNullable<Source["fieldDrifts"]> }) {
  return (
    <table class="stacks">
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">Type of event</th>
          <th scope="col">Since last week</th>
          <th scope="col">Was</th>
          <th scope="col">Is</th>
        </tr>
      </thead>
      <tbody>
        {drifts.map(({ type, field, what, before, now }) => (
          <tr key={`${type} ${field}`}>
            <td class="code">{field}</td>
            <td data-label="Type of event" class="code">
              {type}
            </td>
            <td data-label="Since last week">
              <span class={what === "new" ? "state" : "state warn"}>{DRIFTED[what]}</span>
            </td>
            <td data-label="Was">{before ?? "–"}</td>
            <td data-label="Is">{now ?? "–"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Types({ source: { name, types } }: { readonly source: Source }) {
  return (
    <Section title="Types of events">
      {types.length === 0 ? (
        <p class="soft">
          None has come in yet. A sample: <code>pnpm sluice send {name}</code>
        </p>
      ) : (
        <table class="stacks">
          <thead>
            <tr>
              <th scope="col">Type</th>
              <th scope="col" class="right">
                Events
              </th>
              <th scope="col">Last</th>
              <th scope="col">Mapping</th>
            </tr>
          </thead>
          <tbody>
            {types.map(({ type, events, dead, lastAt, isWanted }) => (
              <tr key={type}>
                <td>
                  <a href={`/events?${new URLSearchParams({ source: name, type }).toString()}`} class="code">
                    {type}
                  </a>
                </td>
                <td data-label="Events" class="right">
                  {count(events)}
                </td>
                <td data-label="Last">
                  <Ago at={lastAt} />
                </td>
                <td data-label="Mapping">
                  <span>
                    {isWanted ? (
                      <span class="state good">wants it</span>
                    ) : (
                      <span class="state warn">no row wants it</span>
                    )}
                    {dead > 0 && <span class="bad">, {count(dead)} dead</span>}
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Section>
  );
}
