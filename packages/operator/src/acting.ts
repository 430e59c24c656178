import type { Act, Queue } from "@sluice/queue";

/** The person who asks for a change of state, and the reason. */
export type Actor = Pick<Act, "actor" | "via"> & { readonly reason?: string | undefined };

/** The result of an act: a word and details for the audit log, beside anything else that the caller needs. */
type Acted = { readonly word: string; readonly details?: unknown };

/** Does an act for a person and notes it in the audit log: who did it, on what, and the result or the error's code. */
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
    // A Redis that failed the act may fail the note too: the first failure is the one to tell.
    await acts.note({ ...asked, result: codeOf(error) }).catch(() => {});
    throw error;
  }
}

function codeOf(error: unknown): string {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "failed";
}
