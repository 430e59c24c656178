export {
  NAME_FIELD,
  type Change,
  type ChangeEffect,
  type MappedEvent,
  type MappingFault,
  type RecordKey,
} from "./change.ts";
export type { Version } from "./version.ts";
