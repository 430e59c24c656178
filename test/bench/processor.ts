import { readFileSync } from "node:fs";

/** Of a clock tick of /proc, which Linux gives as a hundredth of a second whatever the kernel's own is. */
const TICK_MICROS = 10_000;

/** Processor time that a process has taken since it started, in user and system mode, of all its threads. */
export function processorMicros(pid: number): number {
  // The program's name, in brackets, may hold spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ");
  const [user, system] = [fields[11], fields[12]];
  return (Number(user) + Number(system)) * TICK_MICROS;
}
