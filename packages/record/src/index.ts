export type { Answer, RefusedRecord, AnswerText } from "./answer.ts";
export { arrivedAtMs, type Arrival } from "./arrival.ts";
export {
  NAME_FIELD,
  shownField,
  type Change,
  type ChangeEffect,
  type MappedEvent,
  type MappingFault,
  type RecordKey,
  type RecordName,
} from "./change.ts";
export { CLEARS } from "./mapping/clears.ts";
export { explainRow, type Explained } from "./mapping/explain.ts";
export { evaluate, type Expression, type ExpressionFault } from "./expression/expression.ts";
export { KNOWN_FUNCTIONS, namesIn, type Names } from "./expression/names.ts";
export { compileFetch, type CompiledFetch, type FetchRow } from "./mapping/fetch.ts";
export {
  documentIn,
  documentOf,
  mapDocument,
  mapHydrated,
  mapMissing,
  saysGone,
  type HydrationContext,
} from "./mapping/hydrate.ts";
export {
  compileMapping,
  mapEvent,
  rowPlace,
  type CompiledMapping,
  type MappingContext,
  type MappingRow,
} from "./mapping/mapping.ts";
export { join, type JoinedPart } from "./join.ts";
export { knownOf, merge, type Known } from "./known.ts";
export { OUTCOMES, type Outcome } from "./outcome.ts";
export {
  arrivalOf,
  compareStamps,
  decodeStamp,
  encodeStamp,
  isTie,
  runDigits,
  stampOf,
  tieOf,
  type ConfirmedStamp,
  type Stamp,
  type Tie,
} from "./stamp.ts";
export {
  admitDelete,
  admitFields,
  admitJoined,
  bury,
  claim,
  discard,
  EMPTY_RECORD,
  release,
  replay,
  settleDelete,
  settleFields,
  tallyAside,
  tallyDead,
  tallyDelete,
  tallyFields,
  tallySuperseded,
  tallyUnchanged,
  type Contribution,
  type Edit,
  type PendingField,
  type RecordState,
  type Snapshot,
  type Tally,
} from "./state.ts";
export { repair, type ConfirmedField } from "./repair.ts";
export { asideOf } from "./aside.ts";
export { finerMicrosOf } from "./mapping/finer-time.ts";
export { readVersion, type Version } from "./version.ts";
export { decide, DEFAULT_RETRY, type Failing, type RetryPolicy, type Verdict } from "./verdict.ts";
