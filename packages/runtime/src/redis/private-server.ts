import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";

/** A server that Sluice started for one data directory. */
export type PrivateServer = {
  readonly url: string;
  /** The program that runs, for people. */
  readonly program: string;
  /** How often the server began with less of its file than there was, as far as is known. */
  fileShortened(): number;
  /** Resolves when the server has stopped and its files are complete. */
  stop(): Promise<void>;
};

/** The reason why a way to run a server that was tried did not work. */
export type NotPossible = { readonly reason: string };

export type ServerSettings = {
  readonly directory: string;
  readonly bind: string;
  readonly port: number;
  readonly password: string;
  readonly logfile: string;
};

export const CONFIGURATION_FILE = "redis.conf";
export const PID_FILE = "redis.pid";
export const LOG_FILE = "redis.log";

/** Each start has a password of its own: 256 bits, fit for a URL. */
export function newPassword(): string {
  return randomBytes(32).toString("hex");
}

/** Writes `redis.conf` into `folder`; only the owner may read it, since the password is in it. */
export function writeServerConfiguration(folder: string, settings: ServerSettings): string {
  const file = join(folder, CONFIGURATION_FILE);
  writeFileSync(file, serverConfiguration(settings), { mode: 0o600 });
  return file;
}

function serverConfiguration({ directory, bind, port, password, logfile }: ServerSettings): string {
  return `# Written by Sluice at each start.
bind ${bind}
port ${port}
protected-mode yes
requirepass ${password}
daemonize no
dir ${quoted(directory)}
pidfile ${quoted(`${directory}/${PID_FILE}`)}
logfile ${quoted(logfile)}

# Acknowledged means stored: a write is answered after it is on the disk (docs/durability.md).
appendonly yes
appendfsync always
hash-max-listpack-value 512
save ""

# When memory is full, writes fail and nothing is thrown away.
maxmemory-policy noeviction
`;
}

function quoted(path: string): string {
  return `"${path.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** A loopback port that nobody listens on now. Another program may still be quicker to take it. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
