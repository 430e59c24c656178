export { type Archive } from "./archive.ts";
export { HistoryAwayError } from "./away.ts";
export { MissingKeyError } from "./store/encryption.ts";
export type { ChosenWebhook } from "./choose-webhooks.ts";
export type { EventFilter } from "./find-events.ts";
export type { ConfirmedRecord } from "./confirmed/confirmed-stretch.ts";
export type { ConfirmedValue } from "./confirmed/confirmed-values.ts";
export type { Page, PagePosition } from "./page.ts";
export type {
  FiledGroup,
  FiledLetter,
  FiledLetterFilter,
  FiledLetterName,
  FiledPageAsked,
  FiledStanding,
} from "./letters/filed-letter.ts";
export type { FiledLetterGroups, FiledLetterPage, HistoryLetters } from "./letters/history-letters.ts";
export { hashedName } from "./letters/letter-names.ts";
export { openHistory, type History } from "./history.ts";
export { LIMITS as HISTORY_LIMITS } from "./limits.ts";
export { readPath, redact } from "./redact.ts";
export { refOf } from "./delivery.ts";
export { SHOWN_OUTCOMES } from "./story/outcome.ts";
export type { EventRow } from "./shown/event-row.ts";
export type { FieldTrace, LiveFields } from "./story/explain-fields.ts";
export type { TimelineEntry } from "./timeline.ts";
export type { EventTrace } from "./trace-event.ts";
export type { Carried, Flown, Ending } from "./written/flown.ts";
export type { Understood, UnderstoodChange, UnderstoodEvent, StoredRequest } from "./written/understood.ts";
