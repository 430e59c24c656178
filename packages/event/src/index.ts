export { isAddressRange } from "./verification/address.ts";
export { findScheme, findSender, schemeNames, senders } from "./catalog.ts";
export { faultOfSecret } from "./verification/check-secret.ts";
export { clientAddress, isFingerprint, isTrustedProxy } from "./verification/client.ts";
export type { Event, Json } from "./event.ts";
export { isExact } from "./body/exact-number.ts";
export { describeGrade, gradeOf, GRADES, type Grade } from "./verification/grade.ts";
export { greet, handshakeMethods, handsSecretOver, type Greeting } from "./greet.ts";
export { identityWarnings } from "./events/identity-warnings.ts";
export { FILE_METHOD, keepRow, type FileRow } from "./kept/file-row.ts";
export { parseJson } from "./body/json.ts";
export { readKeptEvents } from "./kept/kept-events.ts";
export { asRequest, keepWithIds, type KeptWebhook } from "./kept/kept-webhook.ts";
export {
  FIELD_KEY,
  faultOfKeyText,
  MAX_KEY_CHARACTERS,
  OBJECT_KEY,
  RESERVED_OBJECT_KEYS,
  UNSEEN_IN_KEYS,
} from "./key-text.ts";
export { missesCredential } from "./verification/missing-credential.ts";
export { LIMITS } from "./limits.ts";
export { presetFetches, presetObjects, presetRows, type WrittenObject, type WrittenRow } from "./preset-rows.ts";
export { readEvents } from "./events/read-events.ts";
export { readScheme } from "./written-schemes/read-scheme.ts";
export { configuredKeys, remoteKeys } from "./verification/remote-keys.ts";
export { isObject } from "./body/is-object.ts";
export { nearest } from "./nearest.ts";
export { sampleEvents } from "./sample-events.ts";
export { onlyHeader, type WebhookRequest } from "./request.ts";
export { readRfc3339, type Rfc3339Time } from "./rfc3339.ts";
export type { SenderReply, ReplyProfile, Scheme } from "./scheme.ts";
export { SchemeError, type SchemeFault } from "./written-schemes/scheme-error.ts";
export { faultOfSecondFactor, type SecondFactor } from "./verification/second-factor.ts";
export type { Guide, Preset, SampleRequest, Sender, SenderFetch } from "./sender.ts";
export { sign, signRequest, UnsignableError } from "./signature/sign.ts";
export { UnreadableBodyError } from "./body/unreadable-body.ts";
export { VERIFY_REASONS, type VerifyResult, type VerifyReason } from "./verification/verdict.ts";
export { verify, type VerifyContext } from "./verification/verify.ts";
