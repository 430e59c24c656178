import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { Queue } from "@sluice/queue";
import type { Clock, Log } from "@sluice/runtime";
import type { Task } from "../contract/task.ts";
import { LIMITS } from "../limits.ts";
import { timeOf } from "../live-state.ts";

/** A task's way to tell how far it is. */
export type TaskProgress = {
  /** Tells that one more letter was looked at. @returns false: the task is to end now */
  step(result: string, problem?: Task["problems"][number]): Promise<boolean>;
};

export type Begun = {
  readonly kind: Task["kind"];
  readonly by: string;
  readonly of: number | null;
  /** Does the task; an error that it throws is told. */
  readonly run: (progress: TaskProgress) => Promise<void>;
  /** Called when the task has ended, however it did. */
  readonly onEnd: (task: Task) => Promise<void>;
};

/** The tasks of the whole fleet, which take longer than a request: every process shows the tasks of all. */
export type FleetTasks = {
  begin(begun: Begun): Promise<Task>;
  /** The newest first. */
  all(): Promise<readonly Task[]>;
  get(id: string): Promise<Task | null>;
  /** Asks the process that does the task to end it. */
  end(id: string): Promise<void>;
  onChange(hear: (task: Task) => void): { close(): void };
  /** Ends the tasks that this process does, each after the letter that it is at, and waits until they have told so. */
  close(deadlineMs: number): Promise<void>;
};

/** A task with the time at which its process last told of it (ms): a process that is silent has died. */
type Kept = { readonly task: Task; readonly toldMs: number };

export function createFleetTasks(
  { temporaryTexts }: Pick<Queue, "temporaryTexts">,
  clock: Clock,
  log: Log,
): FleetTasks {
  const tasks = temporaryTexts.map("tasks", LIMITS.taskKeptMs);
  const ends = temporaryTexts.map("task-ends", LIMITS.taskKeptMs);
  const hearers = new Set<(task: Task) => void>();
  const working = new Set<Promise<void>>();
  let isClosed = false;

  async function tell(task: Task): Promise<void> {
    await tasks.put(task.id, JSON.stringify({ task, toldMs: clock.nowMs() } satisfies Kept));
    for (const hear of hearers) hear(task);
  }

  async function run({ run: act, onEnd }: Begun, begun: Task): Promise<void> {
    let task = begun;
    const startedMs = clock.nowMs();
    let toldMs = startedMs;
    let isEnded = false;
    const progress: TaskProgress = {
      async step(result, problem) {
        const done = task.done + 1;
        const nowMs = clock.nowMs();
        const left = task.of === null ? null : ((nowMs - startedMs) / done) * (task.of - done);
        task = {
          ...task,
          done,
          results: { ...task.results, [result]: (task.results[result] ?? 0) + 1 },
          problems:
            problem === undefined || task.problems.length >= LIMITS.taskProblems
              ? task.problems
              : [...task.problems, problem],
          secondsLeft: left === null ? null : Math.ceil(left / 1000),
        };
        if (isClosed) return false;
        if (Math.abs(nowMs - toldMs) < LIMITS.taskToldEveryMs) return !isEnded;
        toldMs = nowMs;
        await tell(task);
        isEnded ||= (await ends.get(task.id)) !== null;
        return !isEnded;
      },
    };
    try {
      isEnded = (await ends.get(task.id)) !== null;
      if (!isEnded) await act(progress);
      // A task that ends because its console stops may have had more to do.
      task = { ...task, state: isEnded ? "aborted" : isClosed ? "lost" : "done", secondsLeft: 0 };
    } catch (error) {
      log.error({ err: error, task: task.id, kind: task.kind }, "a task failed");
      const { code = "internal", hint = "" } = error as { code?: string; hint?: string };
      const message = error instanceof Error ? error.message : String(error);
      task = { ...task, state: "failed", secondsLeft: null, error: { code, message, hint } };
    }
    task = { ...task, endedAt: timeOf(clock.nowMs()) };
    await tell(task);
    await onEnd(task);
  }

  function shown({ task, toldMs }: Kept): Task {
    const isSilent = task.state === "running" && clock.nowMs() - toldMs > LIMITS.taskSilentMs;
    return isSilent ? { ...task, state: "lost", secondsLeft: null } : task;
  }

  async function kept(): Promise<readonly Kept[]> {
    const all = [...(await tasks.all()).values()].map((text) => JSON.parse(text) as Kept);
    return all.toSorted((a, b) => (a.task.startedAt < b.task.startedAt ? 1 : -1));
  }

  return {
    async begin(begun) {
      const task: Task = {
        id: randomUUID(),
        kind: begun.kind,
        state: "running",
        by: begun.by,
        startedAt: timeOf(clock.nowMs()),
        endedAt: null,
        done: 0,
        of: begun.of,
        secondsLeft: null,
        results: {},
        problems: [],
        error: null,
      };
      const old = (await kept()).filter(({ task: { endedAt }, toldMs }, at) => {
        const isOver = clock.nowMs() - toldMs > LIMITS.taskKeptMs;
        return isOver || (endedAt !== null && at >= LIMITS.tasks);
      });
      await tasks.drop(old.map((each) => each.task.id));
      await ends.drop(old.map((each) => each.task.id));
      await tell(task);
      const work = run(begun, task)
        .catch((error: unknown) => log.error({ err: error, task: task.id }, "a task could not be told of"))
        .finally(() => working.delete(work));
      working.add(work);
      return task;
    },
    all: async () => (await kept()).map(shown),
    async get(id) {
      const text = await tasks.get(id);
      return text === null ? null : shown(JSON.parse(text) as Kept);
    },
    end: async (id) => await ends.put(id, "1"),
    onChange(hear) {
      hearers.add(hear);
      return { close: () => void hearers.delete(hear) };
    },
    async close(deadlineMs) {
      isClosed = true;
      await Promise.race([Promise.all(working), wait(deadlineMs, undefined, { ref: false })]);
    },
  };
}
