import type { ChangeTraceJson } from "../../../src/contract/event.ts";
import { useAnswer } from "../api/questions.ts";
import { sentence } from "../parts/answers.tsx";
import { FlightDetails } from "../parts/flight.tsx";
import { Value } from "../parts/json-text.tsx";
import { EventLink, EventSentence, RecordLink } from "../parts/names.tsx";
import { OutcomeState } from "../parts/outcome.tsx";
import { EventStampText } from "../parts/stamp-note.tsx";

type Field = ChangeTraceJson["fields"][number];

const BECAME: Readonly<Record<Field["became"], { readonly tone: string; readonly says: string }>> = {
  written: { tone: "good", says: "written" },
  unchanged: { tone: "good", says: "was there already" },
  pending: { tone: "under-way", says: "pending" },
  overtaken: { tone: "", says: "overtaken before it was sent" },
  stale: { tone: "", says: "older than what was there" },
  refused: { tone: "bad", says: "refused by the destination" },
  discarded: { tone: "warn", says: "given up by an operator" },
  unknown: { tone: "", says: "not known" },
};

/** The meaning of an event for one record: field by field, with the attempts to write it and how that ended. */
export function ChangeSection({ change }: { readonly change: ChangeTraceJson }) {
  const { record, outcome, message, stamp, mapping, effect, fields, mergedWith, flights } = change;
  return (
    <section class="section">
      <div class="head">
        <h2>
          {effect === "delete" ? "Deletes " : ""}
          <RecordLink record={record} />
        </h2>
        <OutcomeState outcome={outcome} />
      </div>
      {message !== null && (
        <div class={outcome === "dead" ? "note bad" : "note warn"}>
          <p>
            <strong>{sentence(message)}</strong>
          </p>
          {outcome === "dead" && <ItsLetter record={record} />}
        </div>
      )}
      {outcome !== "dead" && fields.some(({ became }) => became === "refused") && (
        <div class="note warn">
          <p>
            <strong>Fields that the destination refused by name were set aside.</strong> The rest went on without them.
          </p>
          <ItsLetter record={record} />
        </div>
      )}
      <p>
        <EventStampText stamp={stamp} />
        {mapping !== null && (
          <span class="soft">
            , by <code>{mapping}</code>
          </span>
        )}
      </p>
      {fields.length > 0 && <Fields fields={fields} />}
      {mergedWith.length > 0 && (
        <div class="merged">
          <span class="soft">In one write with</span>
          <ul>
            {mergedWith.map((event) => (
              <li key={`${event.ref} ${event.id}`}>
                <EventLink event={event} />
              </li>
            ))}
          </ul>
        </div>
      )}
      {flights.map((flight, place) => (
        <FlightDetails key={flight.ref} flight={flight} isOpen={place === flights.length - 1} />
      ))}
    </section>
  );
}

function Fields({ fields }: { readonly fields: readonly Field[] }) {
  return (
    <table class="stacks">
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">Value</th>
          <th scope="col">Became</th>
        </tr>
      </thead>
      <tbody>
        {fields.map(({ field, value, isKnown, became, because }) => (
          <tr key={field}>
            <td class="code">{field}</td>
            <td data-label="Value">
              {isKnown ? <Value value={value} /> : <span class="soft">its value is not kept</span>}
            </td>
            <td data-label="Became">
              <div>
                <span class={`state ${BECAME[became].tone}`}>{BECAME[became].says}</span>
                {because !== null && (
                  <div>
                    <EventSentence text={sentence(because.text)} event={because.event} />
                  </div>
                )}
              </div>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The way to a record's dead letter, where it still is. */
function ItsLetter({ record: { destination, object, key } }: Pick<ChangeTraceJson, "record">) {
  const { data } = useAnswer("findLetters", { query: { destination, object, key, limit: 1 } });
  if (data === undefined) return null;
  const [letter] = data.items;
  return letter === undefined ? (
    <p>Its dead letter is gone: it was replayed, discarded, or made good by a newer event.</p>
  ) : (
    <a href={`/letters/${encodeURIComponent(letter.id)}`}>Mend it in its dead letter</a>
  );
}
