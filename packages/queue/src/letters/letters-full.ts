import { PRESSED_RETRY_AFTER_S } from "../limits.ts";

/** So many events of the source are dead letters that there is no room for more; each further one may be another. */
export class LettersFullError extends Error {
  readonly code = "dead_letters_full";
  readonly hint: string;
  readonly retryAfterSeconds = PRESSED_RETRY_AFTER_S;

  constructor(source: string) {
    super(`The dead letters of "${source}" take all the room that they may`);
    this.name = "LettersFullError";
    this.hint = `\`sluice dead list --source ${source}\` says why: mend it, then replay or discard them`;
  }
}
