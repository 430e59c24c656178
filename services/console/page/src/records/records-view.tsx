import { useLocation } from "preact-iso";
import { useState } from "preact/hooks";
import { useAnswer } from "../api/questions.ts";
import { count } from "../figures.ts";
import { Answered, Empty } from "../parts/answers.tsx";
import { Ago } from "../parts/clock.tsx";
import { recordAddress, RecordLink } from "../parts/names.tsx";
import { queryText, useQueryPart } from "../parts/query.ts";
import { View } from "../parts/view.tsx";
import { useSession } from "../session.ts";
import { RecordStateMark } from "./record-state.tsx";

const EVERY_MS = 2_000;
const LISTS = { pending: "Pending", parked: "Parked" } as const;
type ListName = keyof typeof LISTS;

const TEACHES: Readonly<Record<ListName, { readonly title: string; readonly says: string }>> = {
  pending: {
    title: "Nothing is pending",
    says: "All that came in is at its destination, or ended otherwise. A record stands here from the first change that a webhook brings for it until that is confirmed.",
  },
  parked: {
    title: "Nothing is parked",
    says: "Nobody has taken a record out of the line. That is done on a record’s own page, when it shall not be sent for a while.",
  },
};

/** A look-up of a record by its key, and the records that wait. */
export function RecordsView() {
  const [query, setQuery] = useQueryPart();
  const { destinations } = useSession();
  const list: ListName = query["list"] === "parked" ? "parked" : "pending";
  const { destination } = query;
  const answer = useAnswer(
    "listRecords",
    { query: { list, ...(destination ? { destination } : {}) } },
    { everyMs: EVERY_MS },
  );
  return (
    <View title="Records" says="What each record waits for, and which versions of its fields are at their destination.">
      <Lookup />
      <nav class="tabs" aria-label="Which records">
        {Object.entries(LISTS).map(([name, says]) => (
          <a
            key={name}
            href={`/records${queryText({ ...query, list: name === "pending" ? "" : name })}`}
            aria-current={name === list ? "true" : undefined}
          >
            {says}
          </a>
        ))}
      </nav>
      {destinations.length > 1 && (
        <div class="filters">
          <label>
            <span class="label">Of destination</span>
            <select
              value={destination ?? ""}
              onChange={(event) => setQuery({ destination: event.currentTarget.value })}
            >
              <option value="">all</option>
              {destinations.map(({ name }) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
        </div>
      )}
      <Answered answer={answer}>
        {({ items, isCut }) =>
          items.length === 0 ? (
            <Empty title={TEACHES[list].title}>{TEACHES[list].says}</Empty>
          ) : (
            <>
              <table class="stacks">
                <thead>
                  <tr>
                    <th scope="col">Record</th>
                    <th scope="col">State</th>
                    <th scope="col" class="right">
                      Attempts
                    </th>
                    <th scope="col">Pending since</th>
                  </tr>
                </thead>
                <tbody>
                  {items.map((record) => (
                    <tr key={`${record.destination}/${record.object}/${record.by}/${record.key}`}>
                      <td>
                        <div>
                          <RecordLink record={record} />
                          {record.lastFailure !== null && <div class="bad">{record.lastFailure}</div>}
                        </div>
                      </td>
                      <td data-label="State">
                        <RecordStateMark record={record} />
                      </td>
                      <td data-label="Attempts" class="right">
                        {record.attempts === 0 ? "–" : count(record.attempts)}
                      </td>
                      <td data-label="Since">{record.sinceAt !== null && <Ago at={record.sinceAt} />}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
              {isCut && <p class="soft">More wait; these have waited longest.</p>}
            </>
          )
        }
      </Answered>
    </View>
  );
}

/** A form that leads to one record. */
function Lookup() {
  const { destinations } = useSession();
  const { route } = useLocation();
  const [chosen, setChosen] = useState({ destination: "", object: "", by: "external_id", key: "" });
  const destination = chosen.destination || (destinations[0]?.name ?? "");
  const objects = destinations.find(({ name }) => name === destination)?.objects ?? [];
  const object = objects.includes(chosen.object) ? chosen.object : (objects[0] ?? "");
  return (
    <form
      class="filters"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        const by = chosen.by === "name" ? "name" : "external_id";
        route(recordAddress({ destination, object, by, key: chosen.key.trim() }));
      }}
    >
      <label>
        <span class="label">Destination</span>
        <select
          value={destination}
          onChange={(event) => setChosen({ ...chosen, destination: event.currentTarget.value })}
        >
          {destinations.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label>
        <span class="label">Object</span>
        <select value={object} onChange={(event) => setChosen({ ...chosen, object: event.currentTarget.value })}>
          {objects.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label>
        <span class="label">By its</span>
        <select value={chosen.by} onChange={(event) => setChosen({ ...chosen, by: event.currentTarget.value })}>
          <option value="external_id">external id</option>
          <option value="name">name</option>
        </select>
      </label>
      <label class="wide">
        <span class="label">Key, as it stands at the destination</span>
        <input
          type="search"
          name="key"
          placeholder="4711"
          value={chosen.key}
          onInput={(event) => setChosen({ ...chosen, key: event.currentTarget.value })}
        />
      </label>
      <div>
        <button class="main" disabled={chosen.key.trim() === "" || object === ""}>
          Show it
        </button>
      </div>
    </form>
  );
}
