import { useRoute } from "preact-iso";
import type { Replay } from "../../../src/contract/replay.ts";
import { useAnswer } from "../api/questions.ts";
import { filtersFromQuery, filterText } from "../events/filter.ts";
import { count } from "../figures.ts";
import { Answered, Empty, sentence } from "../parts/answers.tsx";
import { Ago, At } from "../parts/clock.tsx";
import { queryText } from "../parts/query.ts";
import { View } from "../parts/view.tsx";
import { duration } from "../time.ts";
import { PlanShown } from "./plan-shown.tsx";
import { ReplayActs } from "./replay-acts.tsx";
import { ReplayState } from "./replay-state.tsx";

const MOVING_MS = 1_000;
const RESTING_MS = 10_000;

/** One replay: what it would change, and how far it is. */
export function ReplayView() {
  const { id } = useRoute().params as { id: string };
  const answer = useAnswer(
    "getReplay",
    { path: { id } },
    {
      everyMs: (replay) =>
        replay === undefined || hasEnded(replay) ? false : isMoving(replay) ? MOVING_MS : RESTING_MS,
    },
  );
  const isUnknown = answer.error?.code === "replay_unknown" && answer.data === undefined;
  return (
    <View
      title="Replay"
      trail={<a href="/replays">Replays</a>}
      says={answer.data === undefined ? undefined : <Head replay={answer.data} />}
      acts={answer.data === undefined ? undefined : <ReplayActs replay={answer.data} />}
    >
      {isUnknown ? (
        <Empty title="There is no such replay any more">
          Plans are forgotten after a while. What was replayed stays in the <a href="/events">events</a>, and who asked
          for it in the <a href="/audit">audit log</a>.
        </Empty>
      ) : (
        <Answered answer={answer}>{(replay) => <Shown replay={replay} />}</Answered>
      )}
    </View>
  );
}

function isMoving({ state }: Replay): boolean {
  return state === "planning" || state === "running";
}

function hasEnded({ state }: Replay): boolean {
  return state === "done" || state === "aborted" || state === "failed";
}

function Head({ replay }: { readonly replay: Replay }) {
  return (
    <>
      Events: {filterText(replay.filter)}
      <br />
      <ReplayState state={replay.state} />{" "}
      <span>
        · by {replay.by}, <Ago at={replay.createdAt} />
        {replay.run !== null && `, replay ${replay.run}`}
        {replay.unchanged === "send" && ", with what would be the same"}
      </span>
    </>
  );
}

function Shown({ replay }: { readonly replay: Replay }) {
  const { state, stale, error, plan, filter } = replay;
  return (
    <>
      {state === "planning" && <Planning replay={replay} />}
      {stale !== null && !hasEnded(replay) && (
        <div class="note warn">
          <p>
            <strong>{sentence(stale)}</strong>
          </p>
          <a href={`/replays${queryText(filtersFromQuery(filter as Readonly<Record<string, string>>))}`}>
            Plan it anew
          </a>
        </div>
      )}
      {error !== null && (
        <div class="note bad" role="alert">
          <p>
            <strong>{sentence(error.message)}</strong>
          </p>
          <p>{sentence(error.hint)}</p>
        </div>
      )}
      <Progress replay={replay} />
      {plan !== null && <PlanShown plan={plan} />}
    </>
  );
}

function Planning({ replay: { looked } }: { readonly replay: Replay }) {
  return (
    <div class="note" role="status">
      <p>
        <strong>Looking at what came in:</strong> {count(looked.webhooks)} webhooks
        {looked.at !== null && (
          <>
            , up to those of <At at={looked.at} />
          </>
        )}
      </p>
      <p style={{ marginTop: ".5rem" }}>
        <progress aria-label="Planning" />
      </p>
    </div>
  );
}

const WAITS = {
  queue: "live webhooks go first: it goes on when none of them waits",
  destination: "a destination has enough to write, or is held",
  redis: "Redis is too full for more: it goes on when there is room",
  dead_letters: "the dead letters of its source leave no room for more: mend or discard some",
} as const;

function Progress({ replay: { state, progress } }: { readonly replay: Replay }) {
  if (progress === null) return null;
  const { done, of, secondsLeft, waitsFor } = progress;
  return (
    <div class="note" role="status">
      <p>
        <strong>{PROGRESS[state]}</strong> {count(done)} of {count(of)} webhooks
        {state === "running" && secondsLeft !== null && `, about ${duration(secondsLeft)} to go`}
      </p>
      {state === "running" && waitsFor !== null && <p>{sentence(WAITS[waitsFor])}</p>}
      <p style={{ marginTop: ".5rem" }}>
        <progress aria-label="Progress" max={Math.max(1, of)} value={done} />
      </p>
    </div>
  );
}

const PROGRESS: Readonly<Record<Replay["state"], string>> = {
  planning: "Not begun:",
  planned: "Not begun:",
  running: "Under way:",
  paused: "Rests after",
  done: "Done:",
  aborted: "Ended after",
  failed: "Failed after",
};
