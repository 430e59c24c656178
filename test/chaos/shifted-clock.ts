import { readFileSync } from "node:fs";

/*
 * Loaded into a process before everything else (`node --import`): its wall clock is off by the milliseconds that stand in the file that
 * SLUICE_CHAOS_CLOCK names. The steady clock, by which timers and leases go, is left alone, as it is when somebody sets a system's clock.
 */
const file = process.env["SLUICE_CHAOS_CLOCK"];
const LOOK_EVERY_MS = 100;

if (file !== undefined) {
  const RealDate = globalThis.Date;
  const realNow = RealDate.now.bind(RealDate);
  let offMs = 0;
  const look = (): void => {
    try {
      offMs = Number(readFileSync(file, "utf8")) || 0;
    } catch {
      offMs = 0;
    }
  };
  const now = (): number => realNow() + offMs;
  look();
  setInterval(look, LOOK_EVERY_MS).unref();
  RealDate.now = now;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args: [], newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as object,
    apply: () => new RealDate(now()).toString(),
  });
}
