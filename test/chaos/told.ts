import type { Member } from "./processes.ts";
import type { Loss } from "./redis-servers.ts";
import type { Heard } from "./senders.ts";
import { sluiceCommand } from "./sluice-command.ts";

/** A state that went back is told within this: a process that was frozen, or away, is back by then. */
const TOLD_WITHIN_MS = 60_000;
const WORDS = /went back|is gone|another state stands/;

/** Whether each loss was told, in the log at its time and in all other places by the end. */
export async function toldOf(facts: {
  readonly losses: readonly Loss[];
  readonly heard: ReadonlyMap<string, readonly Heard[]>;
  readonly fleet: readonly Member[];
  readonly env: Readonly<Record<string, string>>;
}): Promise<{ readonly isTold: boolean; readonly missing: readonly string[]; readonly baseless: readonly string[] }> {
  const { losses, heard, fleet, env } = facts;
  const toldAtMs = fleet.flatMap((member) => member.toldAtMs);
  const heardAtMs = [...heard.values()].flatMap((each) => each.map(({ atMs }) => atMs));
  const missing = [...untold(losses, heardAtMs, toldAtMs)];
  const baseless = toldWithoutLoss(losses, toldAtMs);
  const isTold = toldAtMs.length > 0;
  if (!isTold) return { isTold, missing, baseless };
  const audit = await sluiceCommand(["audit"], env);
  if (audit.ok || !WORDS.test(audit.output)) missing.push("sluice audit");
  for (const { role, url } of fleet) {
    const ready = await textOf(`${url}/readyz`);
    if (!WORDS.test(ready)) missing.push(`/readyz of ${role} ${url}`);
  }
  // Numbers of the whole fleet come from one of its processes.
  const metrics = await Promise.all(fleet.map(async ({ url }) => await textOf(`${url}/metrics`)));
  if (!metrics.some((each) => /^sluice_state_went_back [1-9]/m.test(each))) missing.push("sluice_state_went_back");
  return { isTold, missing, baseless };
}

/** The losses that no log told in time. Where nothing was acknowledged meanwhile there may be nothing to tell. */
export function untold(
  losses: readonly Loss[],
  heardAtMs: readonly number[],
  toldAtMs: readonly number[],
): readonly string[] {
  return losses.flatMap(({ kind, fromMs, atMs }) => {
    // A replica that took over may have had everything.
    if (kind === "death") return [];
    const acknowledged = heardAtMs.filter((at) => at > fromMs + 200 && at < atMs - 200).length;
    const isTold = toldAtMs.some((at) => at >= atMs - 1000 && at <= atMs + TOLD_WITHIN_MS);
    if (acknowledged === 0 || isTold) return [];
    const next = toldAtMs.filter((at) => at >= atMs).toSorted((a, b) => a - b)[0];
    const late = next === undefined ? "no log says it" : `the next log that says it came ${next - atMs} ms later`;
    return [`${kind} at ${new Date(atMs).toISOString()}, ${acknowledged} acknowledged: ${late}`];
  });
}

/** The times at which a log told of a loss before there was any. Later ones may tell of an old loss again, after a restart. */
export function toldWithoutLoss(losses: readonly Loss[], toldAtMs: readonly number[]): readonly string[] {
  return toldAtMs
    .filter((at) => !losses.some(({ atMs }) => at >= atMs - 1000))
    .map((at) => `a log says at ${new Date(at).toISOString()} that the state went back, and it had not`);
}

async function textOf(url: string): Promise<string> {
  return await fetch(url, { signal: AbortSignal.timeout(10_000) }).then(
    async (response) => await response.text(),
    () => "",
  );
}
