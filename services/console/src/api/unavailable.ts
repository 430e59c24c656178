import { QueueUnavailableError } from "@sluice/queue";

/** Whether the error says that Redis did not answer. */
export function isQueueUnavailable(error: unknown): boolean {
  return error instanceof QueueUnavailableError || (error instanceof Error && CONNECTION.test(error.message));
}

const CONNECTION =
  /ECONNREFUSED|Connection is closed|Stream isn't writeable|Command timed out|max retries per request/i;
