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
}): Promise<{ readonly isTold: boolean; readonly missing: readonly string[] }> {
  const { losses, heard, fleet, env } = facts;
  const toldAtMs = fleet.flatMap((member) => member.toldAtMs);
  const heardAtMs = [...heard.values()].flatMap((each) => each.map(({ atMs }) => atMs));
  const missing: string[] = [];
  for (const { kind, fromMs, atMs } of losses) {
    // Where nothing was acknowledged meanwhile there may be nothing to tell.
    const acknowledged = heardAtMs.filter((at) => at > fromMs + 200 && at < atMs - 200).length;
    const isTold = toldAtMs.some((at) => at >= atMs - 1000 && at <= atMs + TOLD_WITHIN_MS);
    if (acknowledged > 0 && !isTold) {
      missing.push(`${kind} at ${new Date(atMs).toISOString()}, ${acknowledged} acknowledged: no log says it`);
    }
  }
  const isTold = toldAtMs.length > 0;
  if (!isTold) return { isTold, missing };
  const audit = await sluiceCommand(["audit"], env);
  if (audit.ok || !WORDS.test(audit.output)) missing.push("sluice audit");
  for (const { role, url } of fleet) {
    const ready = await textOf(`${url}/readyz`);
    if (!WORDS.test(ready)) missing.push(`/readyz of ${role} ${url}`);
  }
  // Numbers of the whole fleet come from one of its workers.
  const metrics = await Promise.all(fleet.map(async ({ url }) => await textOf(`${url}/metrics`)));
  if (!metrics.some((each) => /^sluice_state_went_back [1-9]/m.test(each))) missing.push("sluice_state_went_back");
  return { isTold, missing };
}

async function textOf(url: string): Promise<string> {
  return await fetch(url, { signal: AbortSignal.timeout(10_000) }).then(
    async (response) => await response.text(),
    () => "",
  );
}
