import { useAnswer } from "../api/questions.ts";
import { count, rate } from "../figures.ts";
import { Answered, Empty } from "../parts/answers.tsx";
import { Ago } from "../parts/clock.tsx";
import { View } from "../parts/view.tsx";

const EVERY_MS = 5_000;

/** Every sender: what its requests prove, when it was last heard of, the outcomes of its events. */
export function SourcesView() {
  const answer = useAnswer("listSources", {}, { everyMs: EVERY_MS });
  return (
    <View title="Sources" says="Who sends, what a request of theirs proves, and when they were last heard of.">
      <Answered answer={answer}>
        {({ sources }) =>
          sources.length === 0 ? (
            <Empty title="No source is configured">
              <pre class="json">pnpm sluice init shopify</pre> writes one into sluice.yaml, with a mapping, and says
              what to do at the sender. <code>pnpm sluice schemes</code> lists the senders.
            </Empty>
          ) : (
            <table class="stacks first-wide">
              <thead>
                <tr>
                  <th scope="col">Source</th>
                  <th scope="col">A request proves</th>
                  <th scope="col">Last event</th>
                  <th scope="col" class="right">
                    Per minute
                  </th>
                  <th scope="col" class="right">
                    Understood
                  </th>
                  <th scope="col" class="right">
                    Duplicate
                  </th>
                  <th scope="col" class="right">
                    Ignored
                  </th>
                  <th scope="col" class="right">
                    Dead
                  </th>
                </tr>
              </thead>
              <tbody>
                {sources.map((source) => (
                  <tr key={source.name}>
                    <td>
                      <div>
                        <a href={`/sources/${encodeURIComponent(source.name)}`}>
                          <strong>{source.name}</strong>
                        </a>
                        <div class="soft">
                          {source.scheme} → {source.destinations.join(", ")}
                        </div>
                        {source.warnings.map((warning) => (
                          <div key={warning} class="warn">
                            {warning}
                          </div>
                        ))}
                      </div>
                    </td>
                    <td data-label="Proves">{source.grade}</td>
                    <td data-label="Last event">
                      {source.lastEventAt === null ? (
                        <span class="soft">none yet</span>
                      ) : (
                        <Ago at={source.lastEventAt} />
                      )}
                    </td>
                    <td data-label="Per minute" class="right figure">
                      {source.eventsPerMinute === null ? "–" : rate(source.eventsPerMinute)}
                    </td>
                    <td data-label="Understood" class="right figure">
                      {count(source.understood)}
                    </td>
                    <td data-label="Duplicate" class="right figure">
                      {count(source.duplicate)}
                    </td>
                    <td data-label="Ignored" class="right figure">
                      {count(source.ignored)}
                    </td>
                    <td data-label="Dead" class={`right figure${source.dead > 0 ? " bad" : ""}`}>
                      {count(source.dead)}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )
        }
      </Answered>
    </View>
  );
}
