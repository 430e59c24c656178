export { acting, type Actor } from "./acting.ts";
export { allLanes, assertDestination, type Fleet } from "./fleet.ts";
export { holdDestination, resumeDestination } from "./holding.ts";
export { holdText } from "./hold-text.ts";
export { readTimeOrAge } from "./instant.ts";
export { filedInArchive } from "./dead-letters/filed/filed-in-archive.ts";
export type { FiledArchive } from "./dead-letters/filed/filed-archive.ts";
export type { FiledLetters } from "./dead-letters/filed/filed-letters.ts";
export { chosenDeadLetters, findDeadLetter, wholeDeadLetter } from "./dead-letters/choice.ts";
export { editedEvent, hasEdit, NO_EDIT, type DeadLetterEdit } from "./dead-letters/edit.ts";
export { wantsDeadLetter, type DeadLetterFilter } from "./dead-letters/filter.ts";
export { nameDeadLetters, type NamedDeadLetters } from "./dead-letters/named-dead-letters.ts";
export {
  discardDeadLetter,
  explainWord,
  foreseeReplay,
  replayDeadLetter,
  type DeadLetterForecast,
  type DeadLetterResult,
} from "./dead-letters/replaying.ts";
export { actOnRecord, type RecordAct, type RecordPlace, type RecordWord } from "./records/acting-on-record.ts";
export { shownVersion } from "./records/shown-version.ts";
export { waitsFor, type WaitsFor } from "./records/waits-for.ts";
export { reconcile, type ReconcileProgress } from "./reconcile/reconcile.ts";
export type { Finding, ReconcileReport } from "./reconcile/reconcile-report.ts";
export { createForecaster, type FieldWould, type Forecast } from "./replay/forecast.ts";
export { compared, createForeseer, isAgain } from "./replay/foresee.ts";
export { createHandingOver } from "./replay/hand-over.ts";
export { mapAgain, type PastWebhook } from "./replay/map-again.ts";
export { requestOf, type TrialRequestOptions } from "./trial/sender-request.ts";
export { sendingOf, type Sending } from "./trial/sending.ts";
export {
  tryGiven,
  type GivenTrial,
  type Trial,
  type TriedChange,
  type TriedEvent,
  type TriedRequest,
  type TriedRow,
} from "./trial/trial.ts";
