import type { Check } from "./check.ts";
import { ANSWER_CHECKS } from "./checks/answers.ts";
import { DEFINITION_CHECKS } from "./checks/definitions.ts";
import { EXPORT_CHECKS } from "./checks/export.ts";
import { JOB_CHECKS } from "./checks/jobs.ts";
import { KEY_CHECKS } from "./checks/keys.ts";
import { RECORD_CHECKS } from "./checks/records.ts";
import { SEARCH_CHECKS } from "./checks/search.ts";
import { UPSERT_CHECKS } from "./checks/upsert.ts";

/** §18 of the wire contract, chapter by chapter. */
export const SUITE: readonly Check[] = [
  ...UPSERT_CHECKS,
  ...KEY_CHECKS,
  ...RECORD_CHECKS,
  ...JOB_CHECKS,
  ...SEARCH_CHECKS,
  ...EXPORT_CHECKS,
  ...DEFINITION_CHECKS,
  ...ANSWER_CHECKS,
];
