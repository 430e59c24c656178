import { isObject } from "@sluice/event";
import { RULINGS } from "@sluice/zendesk";

/**
 * The token that a refused writer's next one has to exceed, from the answer to one record, or from a job's result for an item.
 * Undefined: no token is told, or none that a writer could exceed, since tokens are counted in doubles.
 */
export function newestFence(body: unknown): string | undefined {
  if (!isObject(body)) return undefined;
  const { errors } = body;
  const said =
    body[RULINGS.newestFence] ??
    (Array.isArray(errors) && isObject(errors[0]) ? errors[0][RULINGS.newestFence] : undefined);
  const isToken = typeof said === "string" && /^\d{1,16}$/.test(said) && Number(said) < Number.MAX_SAFE_INTEGER;
  return isToken ? said : undefined;
}
