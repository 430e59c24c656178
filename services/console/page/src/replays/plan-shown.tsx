import type { ReplayPlan } from "../../../src/contract/replay.ts";
import { count, countWithNoun } from "../figures.ts";
import { sentence } from "../parts/answers.tsx";
import { Gaps } from "../parts/gaps.tsx";
import { EventLink } from "../parts/names.tsx";
import { Section } from "../parts/view.tsx";
import { duration } from "../time.ts";
import { Samples } from "./samples.tsx";

const WOULD: Readonly<Record<keyof ReplayPlan["would"], string>> = {
  changed: "would bring other values",
  newly_wanted: "are wanted now, and were ignored",
  mended: "failed, and would not any more",
  fetched_again: "ask for their documents again",
  unchanged: "would bring the same as before",
  taken_back: "are not wanted any more; what they wrote stays",
  ignored: "are ignored, as before",
  dead: "would fail",
};

const LEFT_OUT: Readonly<Record<keyof ReplayPlan["leftOut"], string>> = {
  redacted: "parts of them are not kept, as redact asks",
  cut: "they were too long to be kept whole",
  document: "they are documents that were fetched; the events that asked for them are replayed",
  repeated: "an earlier delivery of their events stands",
  source_unknown: "their source is not configured any more",
  unreadable: "they can’t be read",
};

/** The plan of a replay: in numbers, by field, and in samples. */
export function PlanShown({ plan }: { readonly plan: ReplayPlan }) {
  const requests = plan.calls.reduce((sum, call) => sum + call.requests, 0);
  return (
    <>
      <dl class="figures section">
        <div>
          <dt>Events</dt>
          <dd>
            {count(plan.events)}
            <span class="of">
              in {countWithNoun(plan.webhooks, "webhook")}
              {plan.chosen !== plan.events && `; ${count(plan.chosen)} are meant`}
            </span>
          </dd>
        </div>
        <div>
          <dt>Understood again</dt>
          <dd>
            {count(plan.replayed)}
            <span class="of">webhooks; the others make no difference</span>
          </dd>
        </div>
        <div>
          <dt>Records written</dt>
          <dd>
            {count(plan.written)}
            <span class="of">of {count(plan.records)}</span>
          </dd>
        </div>
        <div>
          <dt>Older changes</dt>
          <dd>
            {count(plan.staleChanges)}
            <span class="of">nothing comes of them</span>
          </dd>
        </div>
        <div>
          <dt>Requests</dt>
          <dd>
            {count(requests)}
            <span class="of">
              {plan.seconds === null ? "time can’t be said" : `about ${duration(plan.seconds)} at the present quota`}
            </span>
          </dd>
        </div>
      </dl>
      <Gaps gaps={plan.gaps} />
      {plan.replayed === 0 && (
        <p class="note section">
          <strong>There is nothing to run.</strong>{" "}
          {plan.events === 0
            ? "None of the events that are meant can be replayed."
            : "The mapping makes the same of these events as before."}
        </p>
      )}
      <Section title="What the mapping makes of them now">
        {plan.events > 0 && (
          <dl class="facts counts">
            {counts(plan.would, WOULD).map(({ name, many, says }) => (
              <div key={name}>
                <dt>{count(many)}</dt>
                <dd>{says}</dd>
              </div>
            ))}
          </dl>
        )}
        {Object.keys(plan.leftOut).length > 0 && (
          <>
            <h3>Webhooks that can’t be replayed</h3>
            <dl class="facts counts">
              {counts(plan.leftOut, LEFT_OUT).map(({ name, many, says }) => (
                <div key={name}>
                  <dt>{count(many)}</dt>
                  <dd>{says}</dd>
                </div>
              ))}
            </dl>
          </>
        )}
      </Section>
      {plan.faults.length > 0 && (
        <Section title="Rows of the mapping that would fail" says="Each such event becomes a dead letter">
          {plan.faults.map((fault) => (
            <div class="note bad" key={`${fault.place} ${fault.message}`}>
              <p>
                <strong>{sentence(fault.message)}</strong> {countWithNoun(fault.events, "event")}, as{" "}
                <EventLink event={fault.sample} />
              </p>
              <code>{fault.place}</code>
            </div>
          ))}
        </Section>
      )}
      {plan.fields.length > 0 && <Fields fields={plan.fields} />}
      <Samples samples={plan.samples} />
      {plan.calls.length > 1 && (
        <Section title="Requests">
          <dl class="facts">
            {plan.calls.map(({ destination, requests: many, seconds }) => (
              <div key={destination} class="row">
                <dt>{destination}</dt>
                <dd>
                  {count(many)}
                  {seconds !== null && `, about ${duration(seconds)}`}
                </dd>
              </div>
            ))}
          </dl>
        </Section>
      )}
    </>
  );
}

const COLUMNS = ["set", "changed", "cleared", "same", "stale", "dropped"] as const;

function Fields({ fields }: Pick<ReplayPlan, "fields">) {
  return (
    <Section title="Field by field" says="Changes, by what they would do to the value that the event brought before">
      <div class="sums" tabIndex={0} role="region" aria-label="Field by field">
        <table>
          <thead>
            <tr>
              <th scope="col">Field</th>
              {COLUMNS.map((column) => (
                <th key={column} scope="col" class="right">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {fields.map((field) => (
              <tr key={`${field.destination}/${field.object}/${field.field}`}>
                <td>
                  <span class="code">{field.field}</span>{" "}
                  <span class="soft">
                    {field.destination}/{field.object}
                  </span>
                </td>
                {COLUMNS.map((column) => (
                  <td key={column} class="right figure">
                    {field[column] === 0 ? <span class="soft">–</span> : count(field[column])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

/** The counts that are not nothing, in the order of their words. */
function counts<Name extends string>(
  all: { readonly [Each in Name]?: number | undefined },
  words: Readonly<Record<Name, string>>,
): { readonly name: Name; readonly many: number; readonly says: string }[] {
  return (Object.entries(words) as [Name, string][]).flatMap(([name, says]) => {
    const many = all[name] ?? 0;
    return many === 0 ? [] : [{ name, many, says }];
  });
}
