import { spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/*
 * Sixty servers and a hundred embedded Postgres' of a run write some 30,000 small files, which are thrown away. A file system in memory
 * takes a tenth of the processor time for them, and a sync costs nothing there. What is tried is the same: whoever is killed leaves what the
 * system has, on a disk as in memory, and slow disks have their own test.
 */

/** Linux' file system in memory. */
const MEMORY = "/dev/shm";
const MEMORY_KIND = 0x01021994;
/** The files of a run take 1.2 GB at most, its processes 4. */
const ROOM_BYTES = 8 * 1024 ** 3;
const PREFIX = "sluice-test-";
const LEFT_AFTER_MS = 3_600_000;

/** Makes the folder for all temporary files of this run and of what it starts: in memory where that has the room. `TMPDIR` moves it. */
export function makeRunFolder(): string {
  const isAsked = (process.env["TMPDIR"] ?? "") !== "";
  const folder = (isAsked ? null : inMemory()) ?? mkdtempSync(join(tmpdir(), PREFIX));
  // A Postgres server refuses to be root's: it is started as another user, whose own folder is in this one.
  chmodSync(folder, 0o711);
  // `tmpdir` of every process of the run.
  process.env["TMPDIR"] = folder;
  return folder;
}

function inMemory(): string | null {
  try {
    const { type, bavail, bsize } = statfsSync(MEMORY);
    if (type !== MEMORY_KIND || bavail * bsize < ROOM_BYTES || availableBytes() < ROOM_BYTES) return null;
    removeLeft(MEMORY);
    const folder = mkdtempSync(join(MEMORY, `${PREFIX}${process.pid}-`));
    if (runsPrograms(folder)) return folder;
    rmSync(folder, { recursive: true });
    return null;
  } catch {
    return null;
  }
}

/** The memory that programs can have without others being moved to a disk. */
function availableBytes(): number {
  const found = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8"))?.[1];
  return Number(found ?? 0) * 1024;
}

/** Folders of runs that were killed take memory until somebody removes them. */
export function removeLeft(place: string): void {
  for (const name of readdirSync(place)) {
    const pid = /^sluice-test-(\d+)-/.exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    const folder = join(place, name);
    // A run in another container may share the memory, not the processes' numbers; its folder changes all the time.
    if (Date.now() - statSync(folder).mtimeMs > LEFT_AFTER_MS) rmSync(folder, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Containers mount it so that no program runs from there; tests write programs. */
function runsPrograms(folder: string): boolean {
  const program = join(folder, "program");
  writeFileSync(program, "#!/bin/sh\n", { mode: 0o700 });
  const { status } = spawnSync(program);
  rmSync(program);
  return status === 0;
}
