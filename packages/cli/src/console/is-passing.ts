import { SluiceError } from "@sluice/runtime";

/** A console that restarts, or whose Redis or history is away for a moment, is no end of a command that goes on asking. */
export function isPassing(error: unknown): boolean {
  return error instanceof SluiceError && /^(?:console_unreachable|queue_unavailable|history_away)$/.test(error.code);
}
