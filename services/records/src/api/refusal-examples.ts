import { ANSWERS, COMPLAINTS, type RefusalAnswer } from "@sluice/zendesk";
import type { Operation, RefusalName } from "./operation.ts";

/** Every refusal as it leaves, for the document. */
export const REFUSAL_EXAMPLES: Readonly<Record<RefusalName, RefusalAnswer>> = {
  unauthenticated: ANSWERS.unauthenticated(),
  forbidden: ANSWERS.forbidden(),
  recordNotFound: ANSWERS.recordNotFound(),
  invalidEndpoint: ANSWERS.invalidEndpoint(),
  invalidPagination: ANSWERS.invalidPagination("the cursor is not valid"),
  startTimeTooRecent: ANSWERS.startTimeTooRecent(),
  invalidCursor: ANSWERS.invalidCursor(),
  malformedJson: ANSWERS.malformedJson(),
  missingEnvelope: ANSWERS.missingEnvelope("custom_object_record"),
  identityParameters: ANSWERS.identityParameters(),
  invalidParameter: ANSWERS.invalidParameter("Sluice-Fence is not an integer of microseconds"),
  invalidFilter: ANSWERS.invalidFilter("$gt does not go with name"),
  staleStamp: ANSWERS.staleStamp(),
  staleFence: ANSWERS.staleFence("1795849200000000"),
  conflict: ANSWERS.conflict(),
  tooManyRequests: ANSWERS.tooManyRequests(41),
  tooManyJobs: ANSWERS.tooManyJobs(["V3-0192f3c0d5a0b8f0a6c4e2d1f0b9a8c7"]),
  invalidClient: ANSWERS.invalidClient(),
  invalidGrant: ANSWERS.invalidGrant("invalid_scope"),
  bodyTooLarge: ANSWERS.bodyTooLarge(),
  invalid: ANSWERS.invalid([COMPLAINTS.nameBlank(), COMPLAINTS.valueInvalid({ key: "tier", title: "Tier" })]),
  internal: ANSWERS.internal(),
  unavailable: ANSWERS.unavailable(),
};

/** The refusals that an operation can give: those that follow from its roles, path and body, and those that it declares. */
export function refusalsOf({ roles, path, parameters = [], body, refusals = [] }: Operation): readonly RefusalName[] {
  const names = new Set<RefusalName>([
    // Forbidden by the role, or by an access token whose scope is for other things.
    ...(roles.length === 0 ? [] : (["unauthenticated", "forbidden"] as const)),
    // A path or a query that can't be decoded is an invalid parameter.
    ...(path.includes("{") || parameters.length > 0 ? (["invalidParameter"] as const) : []),
    ...(path.includes("{") ? (["recordNotFound"] as const) : []),
    ...(body === undefined ? [] : (["malformedJson", "missingEnvelope"] as const)),
    ...refusals,
    // Any body may be too large, also a body that nobody wants.
    "bodyTooLarge",
    // A stand-in says this, and so does a proxy before the store.
    "tooManyRequests",
    "conflict",
    "internal",
    "unavailable",
  ]);
  return [...names];
}
