import { PRESSED_RETRY_AFTER_S } from "../limits.ts";

/** The source's dead letters leave no room for more, and each further event of it may become another letter. */
export class DeadLettersFullError extends Error {
  readonly code = "dead_letters_full";
  readonly hint: string;
  readonly retryAfterSeconds = PRESSED_RETRY_AFTER_S;

  constructor(source: string) {
    super(`The dead letters of "${source}" take all the room that they may`);
    this.name = "LettersFullError";
    this.hint = `\`sluice dead list --source ${source}\` says why: mend it, then replay or discard them`;
  }
}
