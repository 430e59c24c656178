export { createArchive, type Archive, type ArchiveNumbers, type ArchiveStore, type Gap } from "./archive.ts";
export { openHistory, type History, type HistoryOptions } from "./history.ts";
export { LIMITS as HISTORY_LIMITS } from "./limits.ts";
export { readPath, redact, REDACTED } from "./redact.ts";
export type { Carried, Flown, Verdict } from "./written/flown.ts";
export type {
  ChangeWord,
  RecordName,
  Understood,
  UnderstoodChange,
  UnderstoodEvent,
  UnderstoodFault,
  WebhookRequest,
} from "./written/understood.ts";
