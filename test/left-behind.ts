import { AsyncLocalStorage, createHook } from "node:async_hooks";

/** Watches over all that a part of this process begins, whatever other parts do meanwhile. */
export type Watched = {
  /** Runs what begins the part. */
  run<Result>(begin: () => Promise<Result>): Promise<Result>;
  /** Timers, connections and servers of the part that are there, each with the place where it began. */
  left(): readonly string[];
  close(): void;
};

/** Things of the event loop that go on until somebody ends them, also those that keep no process alive. */
const GOES_ON = /^(?:Timeout|Immediate|TCPWRAP|TCPSERVERWRAP|PROCESSWRAP|WORKER)$/;

export function watchLeftBehind(): Watched {
  const part = new AsyncLocalStorage<true>();
  const going = new Map<number, string>();
  const hook = createHook({
    init(id, kind) {
      if (part.getStore() === true && GOES_ON.test(kind)) going.set(id, `${kind} ${placeOf(new Error("begun"))}`);
    },
    destroy: (id) => void going.delete(id),
  }).enable();
  return {
    run: async (begin) => await part.run(true, begin),
    left: () => [...going.values()],
    close: () => void hook.disable(),
  };
}

/** The first line of code outside of Node.js and this file. */
function placeOf({ stack = "" }: Error): string {
  const lines = stack.split("\n").slice(1);
  return lines.find((line) => !line.includes("node:") && !line.includes(import.meta.filename))?.trim() ?? "";
}
