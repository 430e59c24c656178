import type { Shell } from "./command.ts";
import { createProgram } from "./program.ts";

// The runtime is loaded late: help needs none of it.
const runtime = async () => await import("@sluice/runtime");

async function openShell(): Promise<Shell> {
  const [{ readSettings }, { onStopSignal }] = await Promise.all([import("./environment.ts"), runtime()]);
  return {
    settings: (config) => readSettings(config === undefined ? process.env : { ...process.env, SLUICE_CONFIG: config }),
    stopOnSignal(shutdown) {
      const stop = (): void => {
        console.error("\nStopping: what is under way ends first; once more to end at once.");
        void shutdown.stop().then((ok) => process.exit(ok ? 0 : 1));
      };
      onStopSignal(stop, () => process.exit(130));
      // The process that started this one with a channel is gone: nobody could end this one any more.
      process.on("disconnect", stop);
    },
    exit: (code) => process.exit(code),
  };
}

try {
  const program = await createProgram(openShell, process.argv.slice(2));
  await program.parseAsync();
} catch (error) {
  const { describeError } = await runtime();
  console.error(describeError(error));
  if (process.env["SLUICE_LOG"] === "debug") console.error(error);
  process.exit(1);
}
