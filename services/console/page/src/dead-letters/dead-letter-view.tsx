import { useRoute } from "preact-iso";
import { useState } from "preact/hooks";
import type { DeadLetterJson, DeadLetterEditJson } from "../../../src/contract/dead-letter.ts";
import { useAnswer } from "../api/questions.ts";
import { Answered, Empty, Failure, sentence } from "../parts/answers.tsx";
import { Ago } from "../parts/clock.tsx";
import { JsonText, Value } from "../parts/json-text.tsx";
import { EventsCalled, RecordLink } from "../parts/names.tsx";
import { Section, View } from "../parts/view.tsx";
import { useMayOperate } from "../session.ts";
import { EditForm } from "./edit-form.tsx";
import { PlanDialog } from "./plan-dialog.tsx";
import { DEAD_LETTER_KINDS } from "./words.ts";

/** One dead letter: its request, the answer, and the acts on it. */
export function DeadLetterView() {
  const { id } = useRoute().params as { id: string };
  const answer = useAnswer("getLetter", { path: { id } });
  const isGone = answer.error?.code === "dead_letter_unknown";
  if (isGone && answer.data === undefined) {
    return (
      <View title="This dead letter is gone" trail={<a href="/letters">Dead letters</a>}>
        <Empty title="It was replayed or discarded, or made good by a newer event">
          The <a href="/audit">audit log</a> says who asked for what.
        </Empty>
      </View>
    );
  }
  return (
    <Answered
      answer={{
        ...answer,
        error: null,
        data: answer.data ?? (answer.error === null ? undefined : ({ fault: answer.error } as const)),
      }}
    >
      {(data) =>
        "fault" in data ? (
          <View title="Dead letter" trail={<a href="/letters">Dead letters</a>}>
            <Failure fault={data.fault} again={answer.refetch} />
          </View>
        ) : (
          <Shown letter={data} isGone={isGone} />
        )
      }
    </Answered>
  );
}

/** @param isGone the letter was there when the view was opened; an act that was asked for is still told of */
function Shown({ letter, isGone }: { readonly letter: DeadLetterJson; readonly isGone: boolean }) {
  const mayOperate = useMayOperate();
  const [edit, setEdit] = useState<DeadLetterEditJson | null>(null);
  const [act, setAct] = useState<"replay" | "discard" | null>(null);
  const [isEditing, setEditing] = useState(false);
  return (
    <View
      title={sentence(letter.message)}
      says={letter.hint}
      trail={
        <>
          <a href="/letters">Dead letters</a> /{" "}
          <a href={`/letters/cause/${encodeURIComponent(letter.group)}`}>its cause</a>
        </>
      }
      acts={
        mayOperate && !isGone ? (
          <>
            {letter.editable !== "no" && !isEditing && (
              <button type="button" onClick={() => setEditing(true)}>
                Edit
              </button>
            )}
            {!isEditing && (
              <button type="button" class="main" onClick={() => setAct("replay")}>
                Replay
              </button>
            )}
            <button type="button" class="grave" onClick={() => setAct("discard")}>
              Discard
            </button>
          </>
        ) : undefined
      }
    >
      {isGone && (
        <p class="note">
          It was replayed or discarded, or made good by a newer event. The <a href="/audit">audit log</a> says who asked
          for what.
        </p>
      )}
      <Facts letter={letter} />
      {isEditing && !isGone && (
        <Section
          title={
            letter.editable === "event" ? "Edit the event, and map it again" : "Edit the fields, and send them again"
          }
        >
          <EditForm
            letter={letter}
            onPlan={(made) => {
              setEdit(made);
              setAct("replay");
            }}
            onCancel={() => {
              setEditing(false);
              setEdit(null);
            }}
          />
        </Section>
      )}
      <section class="section side-by-side">
        <div>
          <h3>Request</h3>
          {letter.request === null ? (
            <p class="soft">Nothing was sent.</p>
          ) : (
            <JsonText value={letter.request} named="Request" />
          )}
        </div>
        <div>
          <h3>Answer</h3>
          {letter.response === null ? (
            <p class="soft">There was none.</p>
          ) : (
            <JsonText value={letter.response} named="Answer" />
          )}
        </div>
      </section>
      {letter.change !== null && (
        <Section title="The change">
          <Change change={letter.change} />
        </Section>
      )}
      {letter.event !== null && (
        <Section title="The event">
          <JsonText value={letter.event} named="Event" />
        </Section>
      )}
      {letter.cut !== null && <p class="section soft">{sentence(letter.cut)}</p>}
      {act !== null && (
        <PlanDialog
          act={act}
          selection={{ ids: [letter.id] }}
          {...(edit !== null && act === "replay" ? { edit } : {})}
          onClose={() => {
            setAct(null);
            setEdit(null);
          }}
        />
      )}
    </View>
  );
}

function Facts({ letter }: { readonly letter: DeadLetterJson }) {
  return (
    <dl class="facts">
      <dt>About</dt>
      <dd>{letter.record === null ? DEAD_LETTER_KINDS[letter.kind] : <RecordLink record={letter.record} />}</dd>
      <dt>Reason</dt>
      <dd>
        <code>{letter.code}</code>
        {letter.attempts !== null && `, at attempt ${letter.attempts}`}
      </dd>
      <dt>Since</dt>
      <dd>
        <Ago at={letter.at} />
      </dd>
      {letter.refs.length > 0 && (
        <>
          <dt>{letter.refs.length === 1 ? "Event" : "Events"}</dt>
          <dd>
            {letter.refs.map(({ source, id }) => (
              <div key={`${source} ${id}`}>
                <EventsCalled id={id} source={source} /> <span class="soft">of {source}</span>
              </div>
            ))}
          </dd>
        </>
      )}
      {letter.mapping !== null && (
        <>
          <dt>Mapping</dt>
          <dd>
            <code>{letter.mapping.place}</code>
            <br />
            <code>{letter.mapping.expression}</code>
          </dd>
        </>
      )}
    </dl>
  );
}

function Change({ change }: { readonly change: NonNullable<DeadLetterJson["change"]> }) {
  if (change.delete) return <p>The record was to be deleted.</p>;
  const rows = [
    ...Object.entries(change.fields).map(([field, value]) => ({ field, value, isAside: false })),
    ...Object.entries(change.aside).map(([field, value]) => ({ field, value, isAside: true })),
  ];
  return (
    <dl class="facts">
      {rows.map(({ field, value, isAside }) => (
        <>
          <dt>{field}</dt>
          <dd>
            <Value value={value} />
            {isAside && <span class="bad"> refused by name</span>}
          </dd>
        </>
      ))}
    </dl>
  );
}
