import { LIMITS, RULINGS, type Plan } from "@sluice/zendesk";

/** How much of everything the store may hold. */
export type AccountLimits = Pick<Plan, "objects" | "fieldsPerObject" | "lookupFieldsPerObject"> & {
  readonly records: number;
};

/** The store as itself: no plan of the vendor's limits its objects. */
export const OWN_ACCOUNT: AccountLimits = {
  objects: RULINGS.ownObjects,
  fieldsPerObject: LIMITS.fieldsPerObject,
  lookupFieldsPerObject: LIMITS.lookupFieldsPerObject,
  records: LIMITS.records,
};
