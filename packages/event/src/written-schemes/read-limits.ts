import { LIMITS } from "../limits.ts";
import type { SchemeLimits } from "../scheme.ts";
import { ORDINARY_LIMITS } from "../schemes/ordinary.ts";
import type { ObjectReader } from "./object-reader.ts";

const METHODS = ["POST", "PUT", "PATCH", "DELETE", "GET"];

/** Reads `limits:` of a scheme that is written out: how large a body may be and which methods deliver. */
export function readLimits(written: ObjectReader): SchemeLimits {
  const { bodyBytes, methods } = ORDINARY_LIMITS;
  const allowed = `a list of ${METHODS.join(", ")}`;
  const limits = {
    bodyBytes: written.integer("bodyBytes", 1, LIMITS.hugeBodyBytes, bodyBytes) ?? bodyBytes,
    methods: (written.has("methods") ? written.texts("methods", allowed) : methods) ?? methods,
  };
  for (const method of limits.methods) {
    if (!METHODS.includes(method)) written.fault("methods", `"${method}" is no such method`, allowed);
  }
  written.end();
  return limits;
}
