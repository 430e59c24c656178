import { setTimeout as wait } from "node:timers/promises";
import { BEGIN_AGAIN_MS } from "../limits.ts";
import { LanesChangingError } from "../lanes/lane-count.ts";
import { StateFormatError } from "../state/state-format.ts";

/**
 * Makes the write that a process needs before it can work. A Redis that is read-only, full or away is no reason to end, since
 * it comes back: the first attempt is waited for, and after a failure the process goes on while the write is tried again.
 * @throws StateFormatError, LanesChangingError of the first attempt
 */
export async function retryFirstWrite(
  write: () => Promise<void>,
  { isOver, onError }: { readonly isOver: () => boolean; readonly onError: (error: Error) => void },
): Promise<void> {
  const attempt = async (): Promise<boolean> => {
    try {
      await write();
      return true;
    } catch (error) {
      if (error instanceof StateFormatError || error instanceof LanesChangingError) throw error;
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

/**
 * Does again what a break of the connection cut off. A process that starts just then has no reason to end: the connection comes back, and
 * whoever watches over the process would only start it again.
 */
export async function retryBrokenConnection<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isBreak(error)) throw error;
      await wait(BEGIN_AGAIN_MS);
    }
  }
}

/** Errors of ioredis about its connection. */
function isBreak(error: unknown): boolean {
  return error instanceof Error && (error.name === "MaxRetriesPerRequestError" || BREAKS.test(error.message));
}

const BREAKS = /^(?:Connection is closed|Stream isn't writeable|Command timed out|read ECONNRESET|LOADING )/;
