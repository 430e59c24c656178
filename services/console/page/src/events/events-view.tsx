import type { EventPage } from "../../../src/contract/event.ts";
import { useList } from "../api/questions.ts";
import { Empty, Failure, Waiting } from "../parts/answers.tsx";
import { At } from "../parts/clock.tsx";
import { More } from "../parts/more.tsx";
import { eventAddress, RecordLink } from "../parts/names.tsx";
import { NoHistory } from "../parts/no-history.tsx";
import { OutcomeState } from "../parts/outcome.tsx";
import { queryText, useQueryPart } from "../parts/query.ts";
import { View } from "../parts/view.tsx";
import { useHasHistory, useSession } from "../session.ts";
import { FilterForm } from "./filter-form.tsx";
import { filtersFromQuery, type EventQuery } from "./filter.ts";

const EVERY_MS = 3_000;

/** Events by whatever is known of them; the filters stand in the address. */
export function EventsView() {
  if (useHasHistory()) return <Search />;
  return (
    <View title="Events">
      <NoHistory />
    </View>
  );
}

function Search() {
  const [query, setQuery] = useQueryPart();
  const filter = filtersFromQuery(query);
  const isFiltered = Object.keys(filter).length > 0;
  // A search for a text opens every body: it is not made again by itself.
  const everyMs = filter.text === undefined ? EVERY_MS : false;
  const list = useList("findEvents", { query: filter as EventQuery }, { everyMs });
  return (
    <View
      title="Events"
      says="What came in, and what became of it."
      acts={
        isFiltered ? (
          <a class="button" href={`/replays${queryText(filter)}`}>
            Replay these
          </a>
        ) : undefined
      }
    >
      <FilterForm filter={filter} onChange={setQuery} />
      {list.error !== null && <Failure fault={list.error} again={list.again} />}
      {list.isPending && <Waiting says="Searching …" />}
      {!list.isPending && list.error === null && list.items.length === 0 && !list.hasMore && (
        <Nothing filter={filter} />
      )}
      {list.items.length > 0 && <EventTable events={list.items} />}
      <More list={list} />
    </View>
  );
}

function Nothing({ filter: { key, ...others } }: { readonly filter: ReturnType<typeof filtersFromQuery> }) {
  const { sources } = useSession();
  if (key !== undefined || Object.keys(others).length > 0) {
    return (
      <Empty title="No event is like that">
        Keys, ids and types are compared as a whole and by every letter. Take a filter away, or begin with the record’s
        key alone: it finds all that ever touched the record. An event stands here a second or two after it came in.
        {key !== undefined && others.text === undefined && (
          <p class="next">
            A mapping may put something before a key, as in <code>erp:4711</code>:{" "}
            <a href={`/events${queryText({ ...others, text: key })}`}>
              find the events that have “{key}” in their body
            </a>
          </p>
        )}
      </Empty>
    );
  }
  return (
    <Empty title="Nothing has come in yet">
      Each webhook that the door takes in stands here, with what became of it. Send a sample:
      <pre class="json">pnpm sluice send {sources[0] ?? "erp"}</pre>
    </Empty>
  );
}

export function EventTable({ events }: { readonly events: EventPage["items"] }) {
  return (
    <table class="stacks">
      <thead>
        <tr>
          <th scope="col">Came in</th>
          <th scope="col">Event</th>
          <th scope="col">Source</th>
          <th scope="col">Outcome</th>
          <th scope="col">Records</th>
        </tr>
      </thead>
      <tbody>
        {events.map((event) => (
          <tr key={event.ref}>
            <td class="figure">
              <At at={event.arrivedAt} />
            </td>
            <td>
              <div>
                <a href={eventAddress(event.ref)} class="code">
                  {event.id}
                </a>
                <div class="soft">
                  {event.type === "" ? "could not be read" : event.type}
                  {event.run > 0 && `, in replay ${event.run}`}
                </div>
              </div>
            </td>
            <td data-label="Source">{event.source}</td>
            <td data-label="Outcome">
              <div>
                <OutcomeState outcome={event.outcome} />
                {event.code !== null && (
                  <div>
                    <code>{event.code}</code>
                  </div>
                )}
              </div>
            </td>
            <td data-label="Records">
              {event.changes > 0 && (
                <div>
                  {event.records.map((record) => (
                    <div key={JSON.stringify(record)}>
                      <RecordLink record={record} />
                    </div>
                  ))}
                  {event.changes > event.records.length && (
                    <span class="soft">and {event.changes - event.records.length} more</span>
                  )}
                </div>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
