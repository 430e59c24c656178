import type { DeadLetterFilter, FiledLetters, Fleet } from "@sluice/operator";
import type { DeadLetter, DeadLetterPosition, PositionedDeadLetter } from "@sluice/queue";
import type { Shell } from "../command.ts";
import { consoleClient, type ConsoleChoice, type ConsoleClient } from "../console/console-client.ts";
import { withFleet } from "../fleet-queue.ts";
import { counted } from "../terminal/counted.ts";
import { placeText } from "./choice.ts";

/**
 * Does something with the letters of Redis and of the history, which the console has. One that can't be asked hinders nothing that Redis
 * has: how many letters it was not done with, and why, is said in the end, and the exit code is 1.
 */
export async function withLetters(
  shell: Shell,
  options: ConsoleChoice & { readonly config?: string },
  act: (fleet: Fleet) => Promise<void>,
): Promise<void> {
  const settings = shell.settings(options.config);
  await withFleet(settings, async (fleet) => {
    const counts = await fleet.queue.letters.filed.counts();
    let unreached: { readonly filter: DeadLetterFilter; readonly error: Error } | null = null;
    const onUnreached = (filter: DeadLetterFilter, error: Error): void => void (unreached ??= { filter, error });
    // A letter of a record of which a part is filed is not counted: its console is asked when it is shown.
    const filed = filedAtConsole(() => consoleClient(settings, options), counts.length > 0, onUnreached);
    await act({ ...fleet, filed });
    if (unreached === null) return;
    const { filter, error } = unreached as { filter: DeadLetterFilter; error: Error & { readonly hint?: string } };
    const left = counts
      .filter(({ destination }) => filter.destination === undefined || filter.destination === destination)
      .filter(({ source }) => filter.source === undefined || filter.source === source)
      .reduce((sum, { letters }) => sum + letters, 0);
    if (left === 0) return;
    const most = Object.keys(filter).some((name) => !["destination", "source"].includes(name)) ? "up to " : "";
    console.error(`Not among these: ${most}${counted(left, "dead letter")} in the history, since ${error.message}.`);
    if (error.hint !== undefined) console.error(`  ${error.hint}`);
    shell.exit(1);
  });
}

/** The letters of the history as the console tells of them. @param hasAny whether there are letters that Redis has nothing of */
function filedAtConsole(
  client: () => Pick<ConsoleClient, "get" | "post">,
  hasAny: boolean,
  onUnreached: (filter: DeadLetterFilter, error: Error) => void,
): FiledLetters {
  type Page = { readonly items: readonly PositionedDeadLetter[]; readonly next: DeadLetterPosition | null };
  const path = (id: string, act: string): string => `/api/letters/${encodeURIComponent(id)}/${act}`;
  const told = (ms: number | undefined): string | undefined =>
    ms === undefined ? undefined : new Date(ms).toISOString();

  return {
    async *newest(filter, after) {
      if (!hasAny) return;
      const { sinceMs, untilMs, ...names } = filter;
      const query = { ...names, since: told(sinceMs), until: told(untilMs) };
      let last = after ?? null;
      do {
        let page: Page;
        try {
          page = await client().get<Page>("/api/letters/filed", {
            ...query,
            after: last === null ? undefined : placeText(last),
          });
        } catch (error) {
          onUnreached(filter, error as Error);
          return;
        }
        yield* page.items;
        last = page.next;
      } while (last !== null);
    },
    async find(id) {
      if (!hasAny) return null;
      return (await client().get<{ letter: DeadLetter | null }>(path(id, "filed"))).letter;
    },
    async rest({ id, row }) {
      // Redis has the short letter, which says where the rest is: that is told where no console answers.
      const asked = client().get<{ letter: DeadLetter | null }>(path(id, "filed"), { row });
      return (await asked.catch(() => ({ letter: null }))).letter;
    },
    async bringBack(id) {
      if (!hasAny) return false;
      return (await client().post<{ found: boolean }>(path(id, "bring-back"))).found;
    },
  };
}
