import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** The clock and the disk that Redis servers of this run see. */
export type RedisSystem = {
  /** The environment that a server is started with. */
  readonly env: Readonly<Record<string, string>>;
  /** The servers' wall clock is off by so much. */
  setClock(offMs: number): void;
  /** Each sync of a file takes so long. */
  setSync(takesMs: number): void;
  /** Nothing can be written to a file. */
  setFull(isFull: boolean): void;
};

/** Reads three numbers (µs that the clock is off, µs that a sync takes, 1: the disk is full) at most every 20 ms. */
const SOURCE = `
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile long long off_us, sync_us, is_full, looked_ns;

static void look(void) {
  struct timespec now;
  syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
  long long ns = now.tv_sec * 1000000000LL + now.tv_nsec;
  if (ns - looked_ns < 20000000LL) return;
  looked_ns = ns;
  const char *path = getenv("SLUICE_CHAOS_SYSTEM");
  int fd = path ? syscall(SYS_openat, AT_FDCWD, path, O_RDONLY) : -1;
  if (fd < 0) return;
  char text[96];
  long n = syscall(SYS_read, fd, text, sizeof text - 1);
  syscall(SYS_close, fd);
  if (n <= 0) return;
  text[n] = 0;
  long long a, b, c;
  if (sscanf(text, "%lld %lld %lld", &a, &b, &c) == 3) { off_us = a; sync_us = b; is_full = c; }
}

int clock_gettime(clockid_t id, struct timespec *at) {
  int result = syscall(SYS_clock_gettime, id, at);
  if (result == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) {
    look();
    long long us = at->tv_sec * 1000000LL + at->tv_nsec / 1000 + off_us;
    at->tv_nsec = us % 1000000 * 1000 + at->tv_nsec % 1000;
    at->tv_sec = us / 1000000;
  }
  return result;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone) {
  struct timespec now;
  (void)zone;
  if (clock_gettime(CLOCK_REALTIME, &now)) return -1;
  at->tv_sec = now.tv_sec;
  at->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *at) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (at) *at = now.tv_sec;
  return now.tv_sec;
}

static void delay(void) {
  look();
  if (sync_us > 0) usleep(sync_us);
}

int fdatasync(int fd) { delay(); return syscall(SYS_fdatasync, fd); }
int fsync(int fd) { delay(); return syscall(SYS_fsync, fd); }

ssize_t write(int fd, const void *bytes, size_t count) {
  look();
  struct stat facts;
  if (is_full && count > 0 && fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode)) { errno = ENOSPC; return -1; }
  return syscall(SYS_write, fd, bytes, count);
}
`;

/** Null, with a word: there is no C compiler, or this is no Linux. */
export function standInSystem(folder: string): RedisSystem | null {
  if (process.platform !== "linux" || spawnSync("cc", ["--version"]).status !== 0) {
    console.log("No C compiler for Linux: Redis' clock and disk are left alone.");
    return null;
  }
  const [library, source, settings] = ["system.so", "system.c", "system"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(source, SOURCE);
  execFileSync("cc", ["-O1", "-shared", "-fPIC", "-o", library, source]);
  const now = { offMs: 0, syncMs: 0, isFull: false };
  const tell = (): void =>
    writeFileSync(settings, `${now.offMs * 1000} ${now.syncMs * 1000} ${now.isFull ? 1 : 0}\n`.padEnd(64));
  tell();
  return {
    env: { LD_PRELOAD: library, SLUICE_CHAOS_SYSTEM: settings },
    setClock(offMs) {
      now.offMs = offMs;
      tell();
    },
    setSync(takesMs) {
      now.syncMs = takesMs;
      tell();
    },
    setFull(isFull) {
      now.isFull = isFull;
      tell();
    },
  };
}
