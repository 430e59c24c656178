import type { ShownTrial } from "../../../src/contract/trial.ts";
import { sentence } from "../parts/answers.tsx";
import { JsonText, Value } from "../parts/json-text.tsx";
import { RecordLink } from "../parts/names.tsx";
import { StampNote } from "../parts/stamp-note.tsx";
import { Section } from "../parts/view.tsx";

type TriedEvent = ShownTrial["events"][number];
type Change = TriedEvent["changes"][number];

/** The result of a trial: proof, expressions, changes, requests. */
export function TrialShown({ trial }: { readonly trial: ShownTrial }) {
  const { verified, unreadable, events } = trial;
  return (
    <>
      <Section title="At the door">
        <p>
          {verified.isAuthentic ? (
            <span class="state good">authentic</span>
          ) : (
            <span class="state bad">not authentic{verified.reason !== null && `: ${verified.reason}`}</span>
          )}{" "}
          <span class="soft">
            {verified.grade}
            {verified.secretNumber !== null && `, by secret ${verified.secretNumber}`}
            {verified.signedBy === "sluice" && ", signed here as its sender would"}
            {verified.signedBy === "nobody" && ": shown all the same, since its sender alone has the key"}
          </span>
        </p>
        {unreadable !== null && <p class="bad">{sentence(unreadable)}</p>}
        {unreadable === null && events.length === 0 && <p class="soft">It carries no event.</p>}
      </Section>
      {events.map((event) => (
        <OneEvent key={event.id} event={event} />
      ))}
    </>
  );
}

function OneEvent({ event }: { readonly event: TriedEvent }) {
  return (
    <Section title={event.type} says={<code>{event.id}</code>}>
      <details>
        <summary>The names that expressions can ask for</summary>
        <JsonText value={event.sees} named="Names" />
      </details>
      {event.rows.map((row) => (
        <details key={row.place} open={row.isWanted}>
          <summary>
            <code>{row.place}</code> {row.isWanted ? "" : <span class="soft">does not want it</span>}
          </summary>
          <table class="stacks">
            <thead>
              <tr>
                <th scope="col">Member</th>
                <th scope="col">Expression</th>
                <th scope="col">Yields</th>
              </tr>
            </thead>
            <tbody>
              {row.steps.map((step) => (
                <tr key={step.member}>
                  <td class="code">{step.member}</td>
                  <td data-label="Expression" class="code">
                    {step.expression}
                  </td>
                  <td data-label="Yields">
                    {step.yields === "value" && <Value value={step.value} />}
                    {step.yields === "nothing" && <span class="soft">nothing: it is left out</span>}
                    {step.yields === "fault" && <span class="bad">{step.fault}</span>}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      ))}
      {event.rows.every(({ isWanted }) => !isWanted) && (
        <p class="note">No row of the mapping wants it: it would be ignored, and counted as that.</p>
      )}
      {event.faults.map((fault) => (
        <div class="note bad" key={fault.place}>
          <p>
            <strong>{sentence(fault.message)}</strong>
          </p>
          <p>
            <code>{fault.place}</code> <code>{fault.expression}</code>
          </p>
        </div>
      ))}
      {event.changes.map((change) => (
        <OneChange key={JSON.stringify(change.record)} change={change} />
      ))}
    </Section>
  );
}

const WOULD = {
  set: <span class="state good">would be written</span>,
  stale: <span class="state warn">is older than what is known</span>,
} as const;

function OneChange({ change }: { readonly change: Change }) {
  return (
    <div class="section">
      <div class="head">
        <h3>
          {change.effect === "delete" ? "Would delete " : "Would write "}
          <RecordLink record={change.record} />
        </h3>{" "}
        <span class="soft">
          {change.version === null ? (
            "by its arrival"
          ) : (
            <>
              version <code>{change.version}</code>
            </>
          )}
        </span>
      </div>
      <div class="side-by-side">
        <table class="stacks">
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">Value</th>
              <th scope="col">Against what is known now</th>
            </tr>
          </thead>
          <tbody>
            {change.fields.map((field) => (
              <tr key={field.field}>
                <td class="code">{field.field}</td>
                <td data-label="Value">
                  <Value value={field.value} />
                </td>
                <td>
                  <div>
                    {WOULD[field.would]}
                    {field.against !== null && (
                      <div>
                        <span class="soft">known:</span> <StampNote stamp={field.against} />
                      </div>
                    )}
                  </div>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        <div>
          {change.request === null ? (
            <p class="soft">A worker fetches the document first; what it says makes the request.</p>
          ) : (
            <>
              <p class="code" style={{ marginBottom: ".4rem" }}>
                {change.request.method} {change.request.url}
              </p>
              <JsonText value={change.request.body ?? "no body"} named="Body of the request" />
            </>
          )}
        </div>
      </div>
    </div>
  );
}
