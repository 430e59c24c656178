import type { ComponentChildren } from "preact";
import { useRoute } from "preact-iso";
import type { RecordTrace } from "../../../src/contract/event.ts";
import type { ShownRecord } from "../../../src/contract/record.ts";
import type { ApiFault } from "../api/call.ts";
import { useAnswer } from "../api/questions.ts";
import { count, countWithNoun } from "../figures.ts";
import { Answered, Empty, sentence } from "../parts/answers.tsx";
import { Ago, At } from "../parts/clock.tsx";
import { Gaps } from "../parts/gaps.tsx";
import { EventsCalled } from "../parts/names.tsx";
import { StampNote } from "../parts/stamp-note.tsx";
import { Section, View } from "../parts/view.tsx";
import { useHasHistory } from "../session.ts";
import { ExplainedField, hasLostLater } from "./explained-field.tsx";
import { LiveFieldRow } from "./live-field-row.tsx";
import { RecordActs } from "./record-acts.tsx";
import { RecordStateMark } from "./record-state.tsx";
import { Timeline } from "./timeline.tsx";

const EVERY_MS = 2_000;
/** The history is a second or two behind, and explaining a record reads all that it has of it. */
const EXPLAINED_EVERY_MS = 5_000;

type By = "external_id" | "name";

/** One record: each field with its reasons, what is pending, the reasons why it waits, and what happened to it. */
export function RecordView() {
  const { params, query } = useRoute();
  const path = { destination: params["destination"]!, object: params["object"]!, key: params["key"]! };
  const by = query["by"] === "name" ? "name" : "external_id";
  const live = useAnswer("getRecord", { path, query: { by } }, { everyMs: EVERY_MS });
  const hasHistory = useHasHistory();
  const explained = { isOff: !hasHistory, everyMs: EXPLAINED_EVERY_MS } as const;
  const trace = useAnswer("traceRecord", { path, query: { by } }, explained);
  const isUnknown = live.error?.code === "record_unknown";
  const record = isUnknown ? undefined : live.data;
  const hasNoVersions = isUnknown || (record !== undefined && record.fields.length === 0 && record.deleted === null);
  const isForgotten = hasNoVersions && trace.data !== undefined && trace.data.fields.length > 0;
  return (
    <View
      named={`${path.object} ${path.key}`}
      title={<span class="code">{path.key}</span>}
      trail={
        <>
          <a href="/records">Records</a> /{" "}
          <a href={`/records?destination=${encodeURIComponent(path.destination)}`}>{path.destination}</a> /{" "}
          {path.object}
        </>
      }
      says={record === undefined ? undefined : <RecordStateMark record={record} />}
      acts={
        <>
          {record !== undefined && <RecordActs record={record} />}
          {trace.data !== undefined && (
            <a
              class="button"
              href={`/events?${new URLSearchParams({ key: path.key, object: path.object }).toString()}`}
            >
              Its events
            </a>
          )}
        </>
      }
    >
      {isUnknown && trace.data === undefined ? (
        <Empty title="Nothing is known of this record">
          No event has named it within the ordering horizon, or its key is written otherwise: objects and keys are told
          apart by every letter, and a mapping may put something before a key, as in <code>erp:4711</code>. This one was
          taken for its {by === "name" ? "name" : "external id"}.
          <p class="next">
            {hasHistory && (
              <>
                <a href={`/events?${new URLSearchParams({ text: path.key }).toString()}`}>
                  Find the events that have “{path.key}” in their body
                </a>
                : they name their records.{" "}
              </>
            )}
            <a href="/records">Look for another</a>
          </p>
        </Empty>
      ) : isForgotten && trace.data !== undefined ? (
        <>
          <p class="note">
            <strong>Its versions are forgotten.</strong> The next event of it is written, whatever its version is. The
            history still tells what was.
          </p>
          <Fields record={null} trace={trace.data} fault={null} />
          <Timeline path={path} by={by} />
        </>
      ) : (
        <Answered answer={{ ...live, data: record }}>
          {(shown) => (
            <Shown record={shown} path={path} by={by}>
              <Fields record={shown} trace={trace.data} fault={trace.error} />
            </Shown>
          )}
        </Answered>
      )}
    </View>
  );
}

type ShownProps = {
  readonly record: ShownRecord;
  readonly path: { readonly destination: string; readonly object: string; readonly key: string };
  readonly by: By;
  readonly children: ComponentChildren;
};

function Shown({ record, path, by, children }: ShownProps) {
  return (
    <>
      <WaitsFor record={record} />
      {record.isDoubtful && (
        <div class="note warn section">
          <p>
            <strong>The destination may hold an older value.</strong> A write that was given up was confirmed later. The
            next event of each field writes it again.
          </p>
        </div>
      )}
      {record.letter !== null && (
        <div class="note bad section">
          <p>
            <strong>{sentence(record.letter.message)}</strong>{" "}
            <a href={`/letters/${encodeURIComponent(record.letter.id)}`}>The dead letter</a> has its request and its
            answer, and can be edited and replayed.
          </p>
        </div>
      )}
      {children}
      <Pending record={record} />
      <Timeline path={path} by={by} />
    </>
  );
}

type FieldsProps = {
  /** Null: its versions are forgotten. */
  readonly record: ShownRecord | null;
  readonly trace: RecordTrace | undefined;
  readonly fault: ApiFault | null;
};

/** The fields, explained by the history; without one, by the live state alone. */
function Fields({ record, trace, fault }: FieldsProps) {
  const hasHistory = useHasHistory();
  const isAsking = hasHistory && trace === undefined && fault === null;
  const says = !hasHistory
    ? "No history is kept: a confirmed value is known to its destination alone, and what is pending stands here"
    : trace === undefined
      ? "By the live state alone: the history does not answer"
      : "Each with the event that set it, what that replaced, and what was refused as older";
  const names = trace?.fields ?? [];
  return (
    <Section title="Fields" {...(isAsking ? {} : { says })}>
      {trace === undefined && (record?.fields.length ?? 0) > 0 && (
        <ul class="fields">
          {record?.fields.map((field) => (
            <LiveFieldRow key={field.field} field={field} />
          ))}
        </ul>
      )}
      {record !== null && names.some(hasLostLater) && (
        <div class="note warn">
          <p>
            <strong>A value that came in later was refused, because its version is older.</strong> Where the newer
            version is a mistake of its sender: forget the record’s versions, then open the event with the right value
            and send it again.
          </p>
        </div>
      )}
      {names.length > 0 && (
        <ul class="fields">
          {names.map((field) => (
            <ExplainedField key={field.field} field={field} />
          ))}
        </ul>
      )}
      {names.length === 0 && (record?.fields.length ?? 0) === 0 && <p class="soft">No field of it is known.</p>}
      {record !== null && record.deleted !== null && (
        <p>
          Deleted by <StampNote stamp={record.deleted} />
          {record.deleted.isConfirmed ? "." : ", and not yet confirmed."}
        </p>
      )}
      {trace !== undefined && <Gaps gaps={trace.gaps} />}
    </Section>
  );
}

/** How many of a record's last events are shown. */
const MOST_EVENTS = 10;

function Pending({ record }: { readonly record: ShownRecord }) {
  const open = Object.entries(record.open);
  if (open.length === 0 && record.flight === null && record.failingSinceAt === null) return null;
  return (
    <Section title="What is pending">
      <dl class="facts">
        {record.sinceAt !== null && (
          <>
            <dt>Since</dt>
            <dd>
              <Ago at={record.sinceAt} />
            </dd>
          </>
        )}
        {open.length > 0 && (
          <>
            <dt>Changes</dt>
            <dd>{open.map(([source, many]) => `${countWithNoun(many, "change")} of ${source}`).join(", ")}</dd>
          </>
        )}
        {record.events.length > 0 && (
          <>
            <dt>Events</dt>
            <dd>
              {record.events.slice(-MOST_EVENTS).map((id) => (
                <div key={id}>
                  <EventsCalled id={id} />
                </div>
              ))}
              {record.events.length > MOST_EVENTS && (
                <div class="soft">and {count(record.events.length - MOST_EVENTS)} before these</div>
              )}
            </dd>
          </>
        )}
        {record.attempts > 0 && (
          <>
            <dt>Attempts</dt>
            <dd>
              {record.attempts}
              {record.failingSinceAt !== null && (
                <>
                  , failing since <At at={record.failingSinceAt} />
                </>
              )}
              {record.lastFailure !== null && (
                <>
                  , last: <code>{record.lastFailure}</code>
                </>
              )}
            </dd>
          </>
        )}
        {record.flight !== null && (
          <>
            <dt>Flight</dt>
            <dd>
              token <code>{record.flight.token}</code>
              {record.flight.job !== null && (
                <>
                  , in job <code>{record.flight.job}</code>
                </>
              )}
            </dd>
          </>
        )}
      </dl>
    </Section>
  );
}

function WaitsFor({ record: { waitsFor, destination } }: { readonly record: ShownRecord }) {
  const causes = waitsFor.filter(({ code }) => code !== "dead");
  if (causes.length === 0) return null;
  const isBad = causes.some(({ code }) => code !== "turn" && code !== "flying");
  return (
    <div class={isBad ? "note warn" : "note"}>
      <p>
        <strong>{isBad ? "Why nothing goes out" : "What happens next"}</strong>
      </p>
      <ul>
        {causes.map(({ code, text, untilAt }) => (
          <li key={code}>
            {sentence(text)}
            {untilAt !== null && (
              <span class="soft">
                {" "}
                Until <At at={untilAt} />, <Ago at={untilAt} />.
              </span>
            )}
            {code === "held" && (
              <>
                {" "}
                <a href={`/destinations/${encodeURIComponent(destination)}`}>The destination</a>
              </>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
