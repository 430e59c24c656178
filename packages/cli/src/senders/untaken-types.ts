import { systemClock, typesLike, unknownTypes } from "@sluice/runtime";
import { counted } from "../terminal/counted.ts";
import type { Settings } from "../environment.ts";
import { withFleet } from "../fleet-queue.ts";

/**
 * The types of the last seven days that no mapping takes, by source, a sentence each.
 * @throws SluiceError where there is no Redis to ask
 */
export async function untakenTypes(settings: Settings): Promise<readonly string[]> {
  return await withFleet(settings, async ({ configuration, queue }) => {
    const sources = [...configuration.sources.values()];
    const names = sources.map(({ name }) => name);
    const seen = await queue.intake.seenTypes(names, systemClock.nowMs());
    return sources.flatMap((source) =>
      unknownTypes(source, seen.get(source.name) ?? []).map(({ type, ignored }) => {
        const alike = typesLike(source, type);
        const rows = alike.length === 0 ? "" : `; its rows take ${alike.join(", ")}`;
        return `source ${source.name} sent "${type}" ${counted(ignored, "time")} in the last seven days, and no mapping takes it${rows}`;
      }),
    );
  });
}
