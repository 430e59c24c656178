import { holdDataDirectory, type Log, type Shutdown } from "@sluice/runtime";

/** Holds the data directory until the shutdown. A process ends when another one has taken its directory. */
export async function holdDirectory(
  dataDir: string,
  command: string,
  { log, shutdown }: { readonly log: Log; readonly shutdown: Shutdown },
): Promise<void> {
  const held = await holdDataDirectory(dataDir, command, () => {
    log.fatal({ path: dataDir }, "another process has taken the data directory, since this one stood still: it ends");
    process.kill(process.pid, "SIGTERM");
  });
  shutdown.add({ name: "data directory", stop: async () => held.release() });
}
