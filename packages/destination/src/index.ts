export type {
  Destination,
  Exchange,
  JobExchange,
  JobList,
  JobPage,
  BulkJobs,
  Quota,
  ReadBack,
  ReadRecords,
  RunningJob,
  StoredRecord,
  Traced,
  Write,
} from "./destination.ts";
export type { Kind, OpenOptions, TokenStore } from "./kind.ts";
export { kindOf, type KindName } from "./registry.ts";
