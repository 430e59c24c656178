import type { Task } from "../../../src/contract/task.ts";
import { useAnswer, useChange } from "../api/questions.ts";
import { count, countWithNoun } from "../figures.ts";
import { useMayOperate } from "../session.ts";
import { duration } from "../time.ts";
import { Answered, Failure, sentence } from "./answers.tsx";

const POLL_MS = 1_000;

/** How far a task is. The stream tells it sooner; asking goes on where the stream is broken. */
export function TaskProgressNote({ id }: { readonly id: string }) {
  const answer = useAnswer("getTask", { path: { id } }, { everyMs: POLL_MS });
  return <Answered answer={answer}>{(task) => <TaskNote task={task} />}</Answered>;
}

export function TaskNote({ task }: { readonly task: Task }) {
  const abort = useChange("abortTask");
  const mayOperate = useMayOperate();
  const isRunning = task.state === "running";
  const results = Object.entries(task.results).map(([how, many]) => `${count(many)} ${how.replaceAll("_", " ")}`);
  return (
    <div class={task.state === "failed" || task.state === "lost" ? "note bad" : "note"} role="status">
      <p>
        <strong>{STATES[task.state]}</strong> {count(task.done)}
        {task.of === null ? "" : ` of ${count(task.of)}`}
        {isRunning && task.secondsLeft !== null && `, about ${duration(task.secondsLeft)} to go`}
        {results.length > 0 && <span class="soft"> · {results.join(", ")}</span>}
      </p>
      {isRunning && (
        <p style={{ marginTop: ".5rem" }}>
          <progress aria-label="Progress" max={task.of ?? 1} {...(task.of === null ? {} : { value: task.done })} />
        </p>
      )}
      {task.error !== null && (
        <p>
          {sentence(task.error.message)} {sentence(task.error.hint)}
        </p>
      )}
      {task.problems.length > 0 && (
        <details>
          <summary>{countWithNoun(task.problems.length, "one was", "were")} not done, and why</summary>
          <ul>
            {task.problems.map((problem) => (
              <li key={problem.id}>
                <code>{problem.id}</code> {problem.why}
              </li>
            ))}
          </ul>
        </details>
      )}
      {abort.error !== null && <Failure fault={abort.error} />}
      {isRunning && mayOperate && (
        <div class="acts">
          <button type="button" disabled={abort.isPending} onClick={() => abort.mutate({ path: { id: task.id } })}>
            End it here
          </button>
        </div>
      )}
    </div>
  );
}

const STATES: Readonly<Record<Task["state"], string>> = {
  running: "Under way:",
  done: "Done:",
  aborted: "Ended before its end:",
  failed: "Failed:",
  lost: "Its process ended:",
};
