import { readFileSync } from "node:fs";

/** The microseconds of a clock tick of /proc, which Linux gives as a hundredth of a second whatever the kernel's own is. */
const TICK_MICROS = 10_000;

/** Processor time that a process has taken since it started, in user and system mode, of all its threads. */
export function processorMicros(pid: number): number {
  const { user, system } = timesOf(pid);
  return user + system;
}

/** The processor time of a process and its children, ended ones among them. */
export function familyProcessorMicros(pid: number): number {
  const { user, system, endedUser, endedSystem } = timesOf(pid);
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean);
  return [...children].reduce(
    (sum, child) => sum + processorMicrosOrNone(Number(child)),
    user + system + endedUser + endedSystem,
  );
}

/** The processor time of a child that may have ended meanwhile: its time is its parent's then. */
function processorMicrosOrNone(pid: number): number {
  try {
    return processorMicros(pid);
  } catch {
    return 0;
  }
}

function timesOf(pid: number): { user: number; system: number; endedUser: number; endedSystem: number } {
  // The program's name, in brackets, may hold spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ");
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields
    .slice(11, 15)
    .map((ticks) => Number(ticks) * TICK_MICROS);
  return { user, system, endedUser, endedSystem };
}
