import { useAnswer } from "../api/questions.ts";
import { count, countWithNoun } from "../figures.ts";
import { Answered, Empty, sentence } from "../parts/answers.tsx";
import { Ago } from "../parts/clock.tsx";
import { useQueryPart } from "../parts/query.ts";
import { View } from "../parts/view.tsx";
import { useSession } from "../session.ts";
import { Unreached } from "./unreached.tsx";

/** The stream tells of new letters at once; a list that was read just before, or without the stream, comes right by itself. */
const EVERY_MS = 5_000;

/** Dead letters by their cause: one cause is mended once. */
export function DeadLettersView() {
  const [query, setQuery] = useQueryPart();
  const { destinations, sources } = useSession();
  const { destination, source } = query;
  const question = { query: { ...(destination ? { destination } : {}), ...(source ? { source } : {}) } };
  const answer = useAnswer("groupLetters", question, { everyMs: EVERY_MS });
  const total =
    answer.data === undefined
      ? undefined
      : `${countWithNoun(answer.data.letters, "change")} that could not be carried out, by cause. Each is kept until it is replayed, discarded, or made good by a newer event.`;
  return (
    <View title="Dead letters" says={total}>
      <div class="filters">
        <label>
          <span class="label">Destination</span>
          <select value={destination ?? ""} onChange={(event) => setQuery({ destination: event.currentTarget.value })}>
            <option value="">all</option>
            {destinations.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label>
          <span class="label">Source</span>
          <select value={source ?? ""} onChange={(event) => setQuery({ source: event.currentTarget.value })}>
            <option value="">all</option>
            {sources.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      </div>
      {answer.data !== undefined && <Unreached letters={answer.data.unreached} />}
      <Answered answer={answer}>
        {({ groups, unreached }) =>
          groups.length === 0 && unreached > 0 ? null : groups.length === 0 ? (
            <Empty title="No dead letters">
              A change ends here when its destination refuses it for good, or when its mapping can’t say what an event
              means. Its request, the answer and the reason stay with it, so that it can be mended and sent again.
            </Empty>
          ) : (
            <ul class="causes">
              {groups.map((group) => (
                <li key={group.id}>
                  <span class="many figure">{count(group.count)}</span>
                  <div class="what">
                    <a href={`/letters/cause/${encodeURIComponent(group.id)}`}>{sentence(group.message)}</a>
                    <span class="soft">
                      <code>{group.code}</code> at {group.destination}/{group.object}
                      {group.place !== null && (
                        <>
                          , by <code>{group.place}</code>
                        </>
                      )}
                      {group.sources.length > 0 && `, from ${group.sources.join(", ")}`}
                    </span>
                    <span>{group.hint}</span>
                  </div>
                  <small class="soft">
                    last <Ago at={group.lastAt} />
                    <br />
                    first <Ago at={group.firstAt} />
                  </small>
                </li>
              ))}
            </ul>
          )
        }
      </Answered>
    </View>
  );
}
