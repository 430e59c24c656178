import { linkSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { SluiceError } from "./error.ts";

/** A data directory that this process alone works in. */
export type HeldDirectory = {
  readonly path: string;
  release(): void;
};

type Holder = {
  readonly pid: number;
  /** When the process began, in whatever terms the system has: pids are used again, a pid that began then is not. */
  readonly began: string;
  /** For people: `sluice up`. */
  readonly command: string;
};

/**
 * Makes the data directory if it is missing and takes its lock. The lock of a process that no longer
 * lives counts for nothing.
 * @throws SluiceError `data_directory_taken`, `data_directory_unusable`
 */
export function holdDataDirectory(dataDir: string, command: string): HeldDirectory {
  const path = makeDirectory(dataDir);
  const lock = join(path, "sluice.lock");
  const mine: Holder = { pid: process.pid, began: beganAt(process.pid) ?? "", command };
  const draft = `${lock}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(mine), { mode: 0o600 });
  try {
    // A link appears with its content or not at all, and only one of several starts can make it.
    while (!linked(draft, lock)) {
      const holder = readHolder(lock);
      if (holder !== undefined && lives(holder)) throw taken(path, holder);
      setAside(lock, holder);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  return {
    path,
    release() {
      if (readHolder(lock)?.pid === process.pid) rmSync(lock, { force: true });
    },
  };
}

function makeDirectory(dataDir: string): string {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    return realpathSync(dataDir);
  } catch (cause) {
    throw new SluiceError(`the data directory ${dataDir} can't be made`, {
      code: "data_directory_unusable",
      hint: "choose another one with SLUICE_DATA_DIR",
      cause,
    });
  }
}

function taken(path: string, { pid, command }: Holder): SluiceError {
  return new SluiceError(`${path} is in use by \`${command}\`, process ${pid}`, {
    code: "data_directory_taken",
    hint: `end process ${pid} first, or choose another SLUICE_DATA_DIR (and other ports)`,
  });
}

function linked(draft: string, lock: string): boolean {
  try {
    linkSync(draft, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Moves a dead process's lock away; puts it back if another start was quicker and it is a live one's by now. */
function setAside(lock: string, judged: Holder | undefined): void {
  const aside = `${lock}.old.${process.pid}`;
  try {
    renameSync(lock, aside);
  } catch {
    return;
  }
  const moved = readHolder(aside);
  if (moved !== undefined && (moved.pid !== judged?.pid || moved.began !== judged.began)) linked(aside, lock);
  rmSync(aside, { force: true });
}

function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Holder;
  } catch {
    return undefined;
  }
}

function lives({ pid, began }: Holder): boolean {
  const now = beganAt(pid);
  return now !== undefined && now === began;
}

/** When the process of this pid began; undefined where there is none. */
function beganAt(pid: number): string | undefined {
  try {
    if (process.platform === "linux") {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      // The program's name, in parentheses, may hold spaces; what counts comes after it: state, …, start time.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      // In another container, or after a reboot, the same pid can have begun at the same tick.
      return fields[0] === "Z" ? undefined : `${fields[19]}@${bootId()}`;
    }
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim();
  } catch {
    return undefined;
  }
}

function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}
