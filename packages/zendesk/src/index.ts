export { isObject, type Json } from "@sluice/event";
export {
  customObject,
  customObjectCreate,
  customObjectUpdate,
  type CustomObject,
  type CustomObjectCreate,
  type CustomObjectUpdate,
} from "./custom-object.ts";
export {
  EXTERNAL_ID_FIELD_KEY,
  FIELD_TYPES,
  NAME_FIELD_KEY,
  customObjectField,
  fieldCreate,
  fieldOption,
  fieldUpdate,
  nameProperties,
  type CustomObjectField,
  type FieldCreate,
  type FieldType,
  type FieldUpdate,
  type NameProperties,
} from "./custom-object-field.ts";
export {
  customObjectRecord,
  recordAsSent,
  type CustomObjectRecord,
  type RecordAsSent,
} from "./custom-object-record.ts";
export { errorEnvelope } from "./error-envelope.ts";
export {
  compilePattern,
  compileValueCheck,
  readBackValue,
  type CheckedValue,
  type LookupReference,
  type ValueCheck,
  type ValueRules,
} from "./field-value.ts";
export { compileFieldChecks, type CheckedFields, type FieldChecks, type FieldDefinition } from "./field-values.ts";
export {
  JOB_ACTIONS,
  JOB_STATUSES,
  jobAsSent,
  jobResult,
  jobStatus,
  type JobAction,
  type JobAsSent,
  type JobResult,
  type JobStatus,
} from "./job-status.ts";
export { LIMITS } from "./limits.ts";
export { PLANS, type Plan, type PlanName } from "./plans.ts";
export { bytesOverLimit } from "./record-size.ts";
export { Refusal } from "./refusal.ts";
export { ANSWERS, COMPLAINTS, RULINGS, answerAt, type Complaint, type Quirks, type RefusalAnswer } from "./rulings.ts";
