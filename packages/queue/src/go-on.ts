import { setTimeout as wait } from "node:timers/promises";
import { BEGIN_AGAIN_MS } from "./limits.ts";
import { StateFormatError } from "./state-format.ts";

/**
 * Makes the write that a process needs before it can work. A Redis that is read-only, full or away is no reason to end, since
 * it comes back: the first attempt is waited for, and after a failure the process goes on while the write is tried again.
 * @throws StateFormatError of the first attempt
 */
export async function goOnWhenWritten(
  write: () => Promise<void>,
  { isOver, onError }: { readonly isOver: () => boolean; readonly onError: (error: Error) => void },
): Promise<void> {
  const attempt = async (): Promise<boolean> => {
    try {
      await write();
      return true;
    } catch (error) {
      if (error instanceof StateFormatError) throw error;
      if (!isOver()) onError(error instanceof Error ? error : new Error(String(error)));
      return false;
    }
  };
  const goOn = async (): Promise<void> => {
    let isWritten = false;
    while (!isWritten && !isOver()) {
      await wait(BEGIN_AGAIN_MS, undefined, { ref: false });
      isWritten = await attempt();
    }
  };
  if (!(await attempt())) void goOn().catch(onError);
}
