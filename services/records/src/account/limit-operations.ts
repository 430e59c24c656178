import { z } from "zod";
import { ADMINS, EVERYBODY, operation } from "../api/operation.ts";

/** How much there is and how much there may be (§6 to §8). */
const base = "/api/v2/custom_objects";
const answer = { status: 200, schema: z.object({ count: z.int(), limit: z.int() }) } as const;

export const OBJECT_LIMIT = operation({
  id: "showObjectLimit",
  method: "get",
  path: `${base}/limits/object_limit`,
  tag: "Limits",
  summary: "How many custom objects there are, and may be",
  roles: ADMINS,
  answer,
});

export const RECORD_LIMIT = operation({
  id: "showRecordLimit",
  method: "get",
  path: `${base}/limits/record_limit`,
  tag: "Limits",
  summary: "How many records all objects hold, and may hold",
  description: "Beyond a million the count is an estimate.",
  roles: EVERYBODY,
  answer,
});

export const FIELD_LIMIT = operation({
  id: "showFieldLimit",
  method: "get",
  path: `${base}/{object}/limits/field_limit`,
  tag: "Limits",
  summary: "How many fields an object has, and may have",
  description: "The standard fields don't count.",
  roles: EVERYBODY,
  answer,
});
