import { useAnswer } from "../api/questions.ts";
import { count } from "../figures.ts";
import { Answered, Empty } from "../parts/answers.tsx";
import { View } from "../parts/view.tsx";
import { HoldButton } from "./hold-button.tsx";
import { HoldNote } from "./hold-note.tsx";
import { LaneState } from "./lane-state.tsx";
import { QuotaText } from "./quota-text.tsx";

const EVERY_MS = 2_000;

/** Every destination: whether it flows, its quota, and the outcomes of its changes. */
export function DestinationsView() {
  const answer = useAnswer("listDestinations", {}, { everyMs: EVERY_MS });
  return (
    <View title="Destinations" says="Where changes go: whether they flow, how fast they may, and what came of them.">
      <Answered answer={answer}>
        {({ destinations }) =>
          destinations.length === 0 ? (
            <Empty title="No destination is configured">
              A destination stands under <code>destinations</code> in sluice.yaml: its kind, its url, and its
              credentials.
            </Empty>
          ) : (
            <ul class="lanes">
              {destinations.map(({ now, origin }) => (
                <li key={now.name}>
                  <div class="name">
                    <a href={`/destinations/${encodeURIComponent(now.name)}`}>{now.name}</a>
                    <LaneState destination={now} />
                  </div>
                  <div class="tells">
                    <HoldNote destination={now} at={new Date(answer.dataUpdatedAt).toISOString()} />
                    <p>
                      {now.kind} at <code>{origin}</code>, <QuotaText quota={now.quota} />
                    </p>
                    <p class="soft">
                      {count(now.accepted)} accepted: {count(now.outcomes.applied)} applied,{" "}
                      {count(now.outcomes.merged)} merged, {count(now.outcomes.superseded)} superseded,{" "}
                      {count(now.outcomes.unchanged)} unchanged, {count(now.outcomes.dead)} dead,{" "}
                      {count(now.outcomes.discarded)} discarded, {count(now.open)} open
                    </p>
                  </div>
                  <HoldButton destination={now} />
                </li>
              ))}
            </ul>
          )
        }
      </Answered>
    </View>
  );
}
