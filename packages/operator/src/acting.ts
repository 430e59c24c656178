import type { Act, Queue } from "@sluice/queue";

/** Who asks for a change of state, and what for. */
export type Actor = Pick<Act, "actor" | "via"> & { readonly reason?: string | undefined };

/** What came of it: a word for the log, and whatever else the caller needs. */
type Acted = { readonly word: string; readonly details?: unknown };

/** Does what a person asked for, and remembers who did what and what came of it, also where it failed. */
export async function acting<Result extends Acted>(
  { acts }: Pick<Queue, "acts">,
  { actor, via, reason }: Actor,
  { action, target }: Pick<Act, "action" | "target">,
  act: () => Promise<Result>,
): Promise<Result> {
  const asked = { actor, via, action, target, reason: reason ?? null };
  try {
    const result = await act();
    await acts.note({
      ...asked,
      result: result.word,
      ...(result.details === undefined ? {} : { details: result.details }),
    });
    return result;
  } catch (error) {
    // A Redis that failed the act may fail this too: the first failure is the one to tell.
    await acts.note({ ...asked, result: codeOf(error) }).catch(() => {});
    throw error;
  }
}

function codeOf(error: unknown): string {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "failed";
}
