import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { CHILD_START_DEADLINE_MS, CHILD_STOP_DEADLINE_MS } from "./limits.ts";

/** A process of the benchmark, as its parent sees it. */
export type Child = {
  /** The address that the process listens on; empty if it does not listen. */
  readonly url: string;
  readonly pid: number;
  /** Gives the process an order and waits for the answer. @throws when the deadline passes or the child dies. */
  order(order: unknown, deadlineMs: number): Promise<unknown>;
  /** Resolves when the process has ended, by force if need be. */
  stop(): Promise<void>;
};

/** The members that the process itself provides. */
export type Part = {
  readonly url?: string;
  readonly obey?: (order: never) => Promise<unknown>;
  readonly close: () => Promise<void>;
};

type ToChild = { kind: "start"; settings: unknown } | { kind: "order"; order: unknown } | { kind: "stop" };
type FromChild = { kind: "ready"; url: string } | { kind: "answer"; answer: unknown } | { kind: "failed"; why: string };

/** Starts `file` (beside this one) as a process of its own and waits until it is ready. */
export async function startChild(file: string, settings: unknown, nodeOptions: readonly string[] = []): Promise<Child> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), {
    execArgv: [...nodeOptions],
    // A server's log is written, and thrown away: the cost of logging is part of the measure.
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const endWithUs = (): void => void child.kill("SIGKILL");
  process.once("exit", endWithUs);

  const say = (message: ToChild): void => void child.send(message);
  const order = async (given: unknown, deadlineMs: number): Promise<unknown> => {
    const heard = hear(child, file, deadlineMs);
    say({ kind: "order", order: given });
    const said = await heard;
    return said.kind === "answer" ? said.answer : undefined;
  };
  const stop = async (): Promise<void> => {
    const force = setTimeout(endWithUs, CHILD_STOP_DEADLINE_MS);
    if (child.connected) say({ kind: "stop" });
    await ended;
    clearTimeout(force);
    process.removeListener("exit", endWithUs);
  };
  const heard = hear(child, file, CHILD_START_DEADLINE_MS);
  say({ kind: "start", settings });
  try {
    const ready = await heard;
    return { url: ready.kind === "ready" ? ready.url : "", pid: child.pid!, order, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Makes this process a child of the benchmark. It ends when it is told to, or when its parent is gone. */
// The settings come from the parent, which this file types at its other end.
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
export function serveParent<Settings>(start: (settings: Settings) => Promise<Part>): void {
  let part: Part | null = null;
  const say = (message: FromChild): void => void process.send?.(message);
  const obey = async (message: ToChild): Promise<void> => {
    if (message.kind === "start") {
      part = await start(message.settings as Settings);
      say({ kind: "ready", url: part.url ?? "" });
    } else if (message.kind === "order") {
      say({ kind: "answer", answer: await part?.obey?.(message.order as never) });
    } else {
      await part?.close();
      // A profile is written on the way out.
      process.exit(0);
    }
  };
  process.on("message", (message: ToChild) => {
    obey(message).catch((error: unknown) => say({ kind: "failed", why: String(error) }));
  });
  process.once("disconnect", () => process.exit(1));
}

async function hear(child: ChildProcess, file: string, deadlineMs: number): Promise<FromChild> {
  return await new Promise((resolve, reject) => {
    const fail = (why: string): void => end(() => reject(new Error(`${file}: ${why}`)));
    const late = setTimeout(() => fail(`no answer within ${deadlineMs} ms`), deadlineMs);
    const onMessage = (message: FromChild): void => {
      if (message.kind === "failed") fail(message.why);
      else end(() => resolve(message));
    };
    const onExit = (code: number | null): void => fail(`ended with code ${code}`);
    const end = (then: () => void): void => {
      clearTimeout(late);
      child.removeListener("message", onMessage);
      child.removeListener("exit", onExit);
      then();
    };
    child.on("message", onMessage);
    child.once("exit", onExit);
  });
}
