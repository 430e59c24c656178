export { isAddressRange } from "./address.ts";
export { findScheme, findSender, schemeNames, senders } from "./catalog.ts";
export { faultOfSecret } from "./check-secret.ts";
export { clientAddress, isFingerprint, isTrustedProxy } from "./client.ts";
export type { Event, Json } from "./event.ts";
export { isExact } from "./exact-number.ts";
export { describeGrade, gradeOf, GRADES, type Grade } from "./grade.ts";
export { greet, handshakeMethods, handsSecretOver, type Greeting } from "./greet.ts";
export { identityWarnings } from "./identity-warnings.ts";
export { FILE_METHOD, keepRow, type FileRow } from "./file-row.ts";
export { parseJson } from "./json.ts";
export { readKeptEvents } from "./kept-events.ts";
export { asRequest, keep, type KeptWebhook } from "./kept-webhook.ts";
export {
  FIELD_KEY,
  faultOfKeyText,
  MAX_KEY_CHARACTERS,
  OBJECT_KEY,
  RESERVED_OBJECT_KEYS,
  UNSEEN_IN_KEYS,
} from "./key-text.ts";
export { missesCredential } from "./missing-credential.ts";
export { LIMITS } from "./limits.ts";
export { presetFetches, presetObjects, presetRows, type WrittenObject, type WrittenRow } from "./preset-rows.ts";
export { readEventIds, readEvents } from "./read-events.ts";
export { readScheme } from "./read-scheme.ts";
export { configuredKeys, remoteKeys } from "./remote-keys.ts";
export { isObject } from "./is-object.ts";
export { nearest } from "./nearest.ts";
export { sampleEvents } from "./sample-events.ts";
export { onlyHeader, type WebhookRequest } from "./request.ts";
export { readRfc3339, type Rfc3339Time } from "./rfc3339.ts";
export type { SenderReply, ReplyProfile, Scheme } from "./scheme.ts";
export { SchemeError, type SchemeFault } from "./scheme-error.ts";
export { faultOfSecondFactor, type SecondFactor } from "./second-factor.ts";
export type { Guide, Preset, SampleRequest, Sender, SenderFetch } from "./sender.ts";
export { sign, signRequest, UnsignableError } from "./sign.ts";
export { UnreadableBodyError } from "./unreadable-body.ts";
export { VERIFY_REASONS, type VerifyResult, type VerifyReason } from "./verdict.ts";
export { verify, type VerifyContext } from "./verify.ts";
