import { isatty } from "node:tty";
import { isDeepStrictEqual } from "node:util";
import {
  describeError,
  laneNames,
  loadConfiguration,
  SluiceError,
  watchConfiguration,
  type Configuration,
  type Log,
  type Shutdown,
} from "@sluice/runtime";
import { configurationEnvironment, type Settings } from "../environment.ts";

/** A role that can go on with another configuration while it runs. */
interface Reloadable {
  use(configuration: Configuration): void;
  /** Called when the new configuration has a fault. */
  keep?(): void;
}

/**
 * Reads the configuration again at SIGHUP and when one of its files has changed, and hands it to the roles.
 * A configuration with a fault changes nothing: the log says what is wrong with it, and the old one stays in use.
 */
export function reloadOnChange(
  settings: Settings,
  configuration: Configuration,
  roles: readonly Reloadable[],
  { log, shutdown }: { readonly log: Log; readonly shutdown: Shutdown },
): void {
  const path = settings.configPath;
  let current = configuration;
  let reading: Promise<void> = Promise.resolve();

  async function read(): Promise<void> {
    try {
      const next = await loadConfiguration({ path, env: configurationEnvironment(settings) });
      assertSameLanes(current, next);
      for (const role of roles) role.use(next);
      current = next;
      const waiting = waitingForRestart(configuration, next);
      const entry = { path, sources: [...next.sources.keys()] };
      if (waiting.length === 0) log.warn(entry, "the configuration was read again and is in use");
      else {
        const text = `the configuration was read again and is in use, but for ${waiting.join(", ")}: restart Sluice for that`;
        log.warn({ ...entry, waiting }, text);
      }
    } catch (error) {
      for (const role of roles) role.keep?.();
      log.error(
        { path, why: describeError(error) },
        "the configuration was read again and has a fault: the old one stays",
      );
    }
  }
  const reload = (): void => {
    reading = reading.then(read);
  };
  const watch = watchConfiguration({ path, onChange: reload });
  const terminal = isatty(1);
  const onHangup = (): void => {
    // A closed terminal sends the same signal as a request to reload; only then standard output is no terminal any more.
    if (terminal && !isatty(1)) process.kill(process.pid, "SIGTERM");
    else reload();
  };
  process.on("SIGHUP", onHangup);
  shutdown.add({
    name: "configuration",
    async stop() {
      watch.close();
      process.off("SIGHUP", onHangup);
      await reading;
    },
  });
}

/** Settings that a process takes at its start alone, as the file calls them; compared with the file of that start. */
const AT_START = {
  ack: "ack",
  redisMemoryBudget: "redis_memory_budget",
  dedupeWindowMs: "dedupe_window",
  orderingHorizonMs: "ordering_horizon",
  unknownSourceAfterMs: "unknown_source_after",
  objects: "objects",
  history: "history",
  console: "console",
  recordsStore: "records_store",
} as const satisfies Partial<Record<keyof Configuration, string>>;

function waitingForRestart(started: Configuration, next: Configuration): readonly string[] {
  return Object.entries(AT_START).flatMap(([key, name]) => {
    const member = key as keyof typeof AT_START;
    return isDeepStrictEqual(started[member], next[member]) ? [] : [name];
  });
}

/** Lanes, connections and quotas are opened at the start. A source that refers to a lane that is not open would refuse all. */
function assertSameLanes(before: Configuration, after: Configuration): void {
  const changed = [...new Set([...laneNames(before), ...laneNames(after)])].filter(
    (name) => !isDeepStrictEqual(settingsOf(before, name), settingsOf(after, name)),
  );
  if (changed.length === 0) return;
  throw new SluiceError(`what is opened at a start changed while Sluice runs: ${changed.join(", ")}`, {
    code: "configuration_needs_restart",
    hint: "sources are taken over at once, destinations and how a source fetches at a start: restart Sluice to use this file. `sluice config check --live` says first what Redis holds of a name that is gone",
  });
}

function settingsOf({ destinations, sources }: Configuration, lane: string): object | undefined {
  const fetch = [...sources.values()].map((source) => source.fetch).find((each) => each?.name === lane);
  if (fetch == null) return destinations.get(lane);
  // Access tokens that are renewed elsewhere come and go: the worker asks with the configured ones of the moment.
  const { auth: _auth, headers: _headers, ...opened } = fetch;
  return opened;
}
