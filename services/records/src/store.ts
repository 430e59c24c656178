import type { Clock, Database, Log } from "@sluice/runtime";
import type { Quirks } from "@sluice/zendesk";
import type { AccountLimits } from "./account/account.ts";
import type { Definitions } from "./objects/definition.ts";
import type { RecordWriter } from "./records/record-writer.ts";
import type { RecordTally } from "./records/record-tally.ts";

/** The dependencies that the parts of the store share. */
export type Store = {
  readonly database: Database;
  readonly definitions: Definitions;
  readonly tally: RecordTally;
  readonly account: AccountLimits;
  readonly clock: Clock;
  readonly log: Log;
  readonly quirks: Quirks;
  readonly writer: RecordWriter;
  /** Whether names that are nearly the same can be found. */
  readonly trigrams: boolean;
  /** Called for each write with a part that was older than the stored value. */
  readonly onOlderRefused: () => void;
  readonly newRecordId: () => string;
};
