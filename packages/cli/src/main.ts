import type { Shell } from "./command.ts";
import { createProgram } from "./program.ts";

const PARENT_LOOK_EVERY_MS = 250;

/** Called when nobody reads the output any more, as behind `| head -1`: a command ends then, a role stops. */
let unread = (): void => process.exit(0);
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  unread();
});
process.stderr.on("error", (error: NodeJS.ErrnoException) => {
  // The reader that closed it wants no progress and no messages; the exit code tells how it went.
  if (error.code !== "EPIPE") throw error;
});

async function openShell(): Promise<Shell> {
  // These are loaded late: help needs none of them.
  const [{ readSettings }, { onStopSignal }] = await Promise.all([
    import("./environment.ts"),
    import("@sluice/runtime/command"),
  ]);
  return {
    settings: (config) => readSettings(config === undefined ? process.env : { ...process.env, SLUICE_CONFIG: config }),
    onSignal: (end) => onStopSignal(end, () => process.exit(130)),
    stopOnSignal(shutdown) {
      const stop = (): void => {
        console.error("\nStopping: what is under way ends first; once more to end at once.");
        void shutdown.stop().then((ok) => process.exit(ok ? 0 : 1));
      };
      onStopSignal(stop, () => process.exit(130));
      unread = stop;
      // The process that started this one with a channel is gone: nobody could end this one any more.
      process.on("disconnect", stop);
      if (process.env["npm_lifecycle_event"] !== undefined) whenParentEnds(stop);
    },
    exit: (code) => process.exit(code),
  };
}

/**
 * A signal to npx, npm or pnpm reaches them and the shell that they put between themselves and this process, and no further: they end, and
 * this process gets another parent. That change is the signal.
 */
function whenParentEnds(ended: () => void): void {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    ended();
  }, PARENT_LOOK_EVERY_MS);
  watch.unref();
}

try {
  const program = await createProgram(openShell, process.argv.slice(2));
  await program.parseAsync();
} catch (error) {
  const { describeError } = await import("@sluice/runtime/command");
  console.error(describeError(error));
  if (process.env["SLUICE_LOG"] === "debug") console.error(error);
  process.exit(1);
}
