/** The limits of a vendor's account (§4.1, §14): requests in a minute, objects and fields. */
export type Plan = {
  readonly requestsPerMinute: number;
  /** The requests that all incremental exports share. */
  readonly incrementalExportsPerMinute: number;
  readonly objects: number;
  readonly fieldsPerObject: number;
  readonly lookupFieldsPerObject: number;
};

export const PLANS = {
  team: plan(200, 10, 3, 5),
  growth: plan(400, 10, 5, 5),
  professional: plan(400, 10, 30, 10),
  enterprise: plan(700, 10, 50, 10),
  "enterprise-plus": plan(2_500, 30, 50, 10),
  /** Professional with the High Volume add-on. */
  "high-volume": plan(2_500, 30, 30, 10),
} as const satisfies Readonly<Record<string, Plan>>;

export type PlanName = keyof typeof PLANS;

function plan(
  requestsPerMinute: number,
  incrementalExportsPerMinute: number,
  objects: number,
  lookupFieldsPerObject: number,
): Plan {
  return { requestsPerMinute, incrementalExportsPerMinute, objects, fieldsPerObject: 100, lookupFieldsPerObject };
}
