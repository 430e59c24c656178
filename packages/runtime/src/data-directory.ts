import {
  accessSync,
  constants,
  linkSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { execFileSync } from "node:child_process";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { SluiceError } from "./error.ts";
import { LIMITS } from "./limits.ts";

/** A data directory that this process alone works in. */
export type HeldDirectory = {
  readonly path: string;
  release(): void;
};

type Holder = {
  readonly pid: number;
  /** When the process began, in whatever terms the system has: pids are used again, but not with the same beginning. */
  readonly began: string;
  /** The command, for people: `sluice up`. */
  readonly command: string;
  /** The place where its pid means something: a machine, its boot, a PID namespace. A container is a place of its own. */
  readonly place?: string;
};

/**
 * Makes the data directory if it is missing and takes its lock. The lock of a dead process counts for nothing. A process of this
 * place is dead if its pid is; a process of another container or host of one volume, if it has not touched its lock for a while.
 * @param onLost called when another process has taken the lock, since this one did not touch it for long; this process must end then
 * @throws SluiceError `data_directory_taken`, `data_directory_unusable`
 */
export async function holdDataDirectory(
  dataDir: string,
  command: string,
  onLost: () => void = () => {},
): Promise<HeldDirectory> {
  const path = makeDirectory(dataDir);
  const lock = join(path, "sluice.lock");
  const place = placeOfPids();
  const mine: Holder = { pid: process.pid, began: beganAt(process.pid) ?? "", command, place };
  const draft = `${lock}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(mine), { mode: 0o600 });
  try {
    // A link appears with its content or not at all, and only one of several starts can make it.
    while (!linked(draft, lock)) {
      const holder = readHolder(lock);
      if (holder !== undefined && (await isHeld(lock, holder, place))) throw taken(path, holder, place);
      setAside(lock, holder);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  const isMine = (): boolean => isSame(readHolder(lock), mine);
  const beating = setInterval(() => {
    if (isMine()) touch(lock);
    else {
      clearInterval(beating);
      onLost();
    }
  }, LIMITS.lockBeatMs);
  beating.unref();
  return {
    path,
    release() {
      clearInterval(beating);
      if (isMine()) rmSync(lock, { force: true });
    },
  };
}

/** Whether the lock's maker still works here. */
async function isHeld(lock: string, holder: Holder, place: string): Promise<boolean> {
  // The release before wrote no place, and knew its own machine alone.
  if ((holder.place ?? place) === place) return lives(holder);
  const before = touchedAt(lock);
  const end = performance.now() + LIMITS.lockSilentMs;
  while (performance.now() < end) {
    await wait(LIMITS.lockLookMs);
    if (touchedAt(lock) !== before) return true;
  }
  return false;
}

/** The time is that of the volume's own clock: only its changes say something. */
function touchedAt(lock: string): number | undefined {
  try {
    return statSync(lock).mtimeMs;
  } catch {
    return undefined;
  }
}

function touch(lock: string): void {
  try {
    const now = new Date();
    utimesSync(lock, now, now);
  } catch {
    // The volume is away for a moment: the next beat tells.
  }
}

function placeOfPids(): string {
  try {
    return `${hostname()} ${readlinkSync("/proc/self/ns/pid")} ${bootId()}`;
  } catch {
    return hostname();
  }
}

function isSame(a: Holder | undefined, b: Holder): boolean {
  return a?.pid === b.pid && a.began === b.began && a.place === b.place;
}

function makeDirectory(dataDir: string): string {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    accessSync(dataDir, constants.W_OK);
    return realpathSync(dataDir);
  } catch (cause) {
    throw new SluiceError(`the data directory ${dataDir} can't be made or written to`, {
      code: "data_directory_unusable",
      hint: "choose another one with SLUICE_DATA_DIR",
      cause,
    });
  }
}

function taken(path: string, { pid, command, place: where = "" }: Holder, place: string): SluiceError {
  const elsewhere = where === "" || where === place ? "" : ` of another container or host (${where.split(" ", 1)[0]})`;
  return new SluiceError(`${path} is in use by \`${command}\`, process ${pid}${elsewhere}`, {
    code: "data_directory_taken",
    hint: `end process ${pid}${elsewhere} first, or choose another SLUICE_DATA_DIR (and other ports)`,
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

/** Moves a dead process's lock away; puts it back if another start was quicker and the lock belongs to a live process by now. */
function setAside(lock: string, judged: Holder | undefined): void {
  const aside = `${lock}.old.${process.pid}`;
  try {
    renameSync(lock, aside);
  } catch {
    return;
  }
  const moved = readHolder(aside);
  if (moved !== undefined && (judged === undefined || !isSame(moved, judged))) linked(aside, lock);
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
      // The program's name, in parentheses, may hold spaces; the fields come after it: state, …, start time.
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
