import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { freePort } from "./sluice-process.ts";

/** A Postgres of the machine's own programs, in processes that can be killed and a folder of its own. */
export type RealPostgres = {
  readonly url: string;
  readonly folder: string;
  /** The server's first process. */
  pid(): number;
  /** Starts it where it does not run, and waits until it answers. */
  start(): Promise<void>;
  /** Kills it at once, as the machine's kernel would. */
  kill(): Promise<void>;
  /** Ends it and takes its folder away. */
  close(): Promise<void>;
};

/** The folder of Postgres' programs: where Debian puts them, the newest first, or wherever the PATH says. Null: none is installed. */
export function findPostgres(): string | null {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).toSorted((a, b) => Number(b) - Number(a)) : [];
  const places = [
    ...versions.map((version) => join(debian, version, "bin")),
    ...(process.env["PATH"] ?? "").split(":"),
  ];
  return places.find((place) => existsSync(join(place, "initdb")) && existsSync(join(place, "postgres"))) ?? null;
}

/** @param mount given the folder before anything stands in it. @param settings in place of the server's own, as `name=value` */
export async function startRealPostgres(
  programs: string,
  { mount, settings = [] }: { readonly mount?: (folder: string) => void; readonly settings?: readonly string[] } = {},
): Promise<RealPostgres> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-postgres-"));
  mount?.(folder);
  // Postgres refuses to run as root.
  const owner = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  if (owner.uid !== undefined) chownSync(folder, NOBODY, NOBODY);
  const data = join(folder, "data");
  const laid = ["-D", data, "-E", "UTF8", "-A", "trust", "-U", "postgres", "--no-sync"];
  execFileSync(join(programs, "initdb"), laid, { ...owner, cwd: folder, stdio: "ignore" });
  const port = await freePort();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  let server: ChildProcess | null = null;

  async function end(signal: NodeJS.Signals): Promise<void> {
    const ending = server;
    if (ending === null || ending.exitCode !== null || ending.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => ending.once("exit", () => resolve()));
    ending.kill(signal);
    await ended;
  }

  const endWithUs = (): void => void server?.kill("SIGKILL");
  process.once("exit", endWithUs);
  const postgres: RealPostgres = {
    url,
    folder,
    pid: () => server!.pid!,
    async start() {
      for (const deadline = Date.now() + START_DEADLINE_MS; ;) {
        // After a kill its last processes may still hold the memory that they share: then it refuses to start.
        if (server === null || server.exitCode !== null || server.signalCode !== null) {
          const words = ["-D", data, "-p", String(port), "-h", "127.0.0.1", "-k", folder];
          words.push(...settings.flatMap((each) => ["-c", each]));
          server = spawn(join(programs, "postgres"), words, { ...owner, cwd: folder, stdio: "ignore" });
        }
        const client = new Client({ connectionString: url, connectionTimeoutMillis: 2000 });
        try {
          await client.connect();
          await client.query("select 1");
          return;
        } catch (error) {
          if (Date.now() > deadline) throw error;
          await new Promise((resolve) => setTimeout(resolve, 100));
        } finally {
          await client.end().catch(() => {});
        }
      }
    },
    kill: async () => await end("SIGKILL"),
    async close() {
      process.removeListener("exit", endWithUs);
      await end("SIGINT");
      if (mount !== undefined) execFileSync("umount", ["--lazy", folder]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await postgres.start();
  return postgres;
}

/** Whether this process may mount a small disk, as root may outside most containers. */
export function mayMount(): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  const folder = mkdtempSync(join(tmpdir(), "sluice-mount-"));
  try {
    mountDisk(folder, 1);
    execFileSync("umount", [folder], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function mountDisk(folder: string, megabytes: number): void {
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", folder], { stdio: "ignore" });
}

/** Fills the disk of a folder until nothing more goes onto it. @returns makes room again */
export function fillDisk(folder: string): () => void {
  const filler = join(folder, "filler");
  for (const bytes of [1024 * 1024, 4096]) {
    try {
      for (;;) writeFileSync(filler, Buffer.alloc(bytes), { flag: "a" });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    }
  }
  return () => rmSync(filler);
}

const NOBODY = 65_534;
const START_DEADLINE_MS = 60_000;
