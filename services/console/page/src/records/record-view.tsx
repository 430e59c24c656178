import { useRoute } from "preact-iso";
import type { ShownRecord } from "../../../src/contract/record.ts";
import { useAnswer } from "../api/questions.ts";
import { count, counted } from "../figures.ts";
import { Answered, Empty, sentence } from "../parts/answers.tsx";
import { Ago, At } from "../parts/clock.tsx";
import { Stamp } from "../parts/stamp.tsx";
import { Section, View } from "../parts/view.tsx";
import { FieldRow } from "./field-row.tsx";
import { RecordActs } from "./record-acts.tsx";
import { RecordState } from "./record-state.tsx";

const EVERY_MS = 2_000;

/** One record: its confirmed fields, its pending ones, and the reasons why it waits. */
export function RecordView() {
  const { params, query } = useRoute();
  const path = { destination: params["destination"]!, object: params["object"]!, key: params["key"]! };
  const by = query["by"] === "name" ? "name" : "external_id";
  const answer = useAnswer("getRecord", { path, query: { by } }, { everyMs: EVERY_MS });
  const isUnknown = answer.error?.code === "record_unknown" && answer.data === undefined;
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
      says={answer.data === undefined ? undefined : <RecordState record={answer.data} />}
      acts={answer.data === undefined ? undefined : <RecordActs record={answer.data} />}
    >
      {isUnknown ? (
        <Empty title="Nothing is known of this record">
          No event has named it within the ordering horizon, or its key is written otherwise: objects and keys are told
          apart by every letter. This one was taken for its {by === "name" ? "name" : "external id"}.{" "}
          <a href="/records">Look for another</a>
        </Empty>
      ) : (
        <Answered answer={answer}>{(record) => <Shown record={record} />}</Answered>
      )}
    </View>
  );
}

function Shown({ record }: { readonly record: ShownRecord }) {
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
      <Section title="Fields" says="A confirmed value is kept by its destination alone; what is pending stands here">
        {record.fields.length === 0 ? (
          <p class="soft">No field of it is known.</p>
        ) : (
          <ul class="fields">
            {record.fields.map((field) => (
              <FieldRow key={field.field} field={field} />
            ))}
          </ul>
        )}
        {record.deleted !== null && (
          <p>
            Deleted by <Stamp stamp={record.deleted} />
            {record.deleted.isConfirmed ? "." : ", and not yet confirmed."}
          </p>
        )}
      </Section>
      <Pending record={record} />
    </>
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
            <dd>{open.map(([source, many]) => `${counted(many, "change")} of ${source}`).join(", ")}</dd>
          </>
        )}
        {record.events.length > 0 && (
          <>
            <dt>Events</dt>
            <dd>
              {record.events.slice(-MOST_EVENTS).map((id) => (
                <div key={id}>
                  <code>{id}</code>
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
