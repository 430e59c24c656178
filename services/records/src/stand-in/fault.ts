import { setTimeout as wait } from "node:timers/promises";
import type { RequestHandler } from "express";
import { z } from "zod";

/** Something that goes wrong with requests, for a while. */
export const faultAsSent = z.strictObject({
  /** The requests that the fault meets: all, unless given. `path` is a part of the path after /api/v2, or `/oauth`. */
  method: z.enum(["GET", "POST", "PATCH", "PUT", "DELETE"]).optional(),
  path: z.string().min(1).optional(),
  /** How many requests the fault meets, before it is over. */
  count: z.int().min(1).max(1_000_000).default(1),
  /** How long these requests wait, before anything else. */
  delayMs: z.int().min(0).max(600_000).default(0),
  /** The answer's status: such requests are not carried out; without it they are. */
  status: z.int().min(400).max(599).optional(),
  retryAfter: z.int().min(0).max(86_400).optional(),
  /** The answer's body; JSON unless it is a text. */
  body: z.union([z.string(), z.record(z.string(), z.json())]).optional(),
  /** The connection is cut: before the request is carried out, or after it was, with the answer lost. */
  drop: z.enum(["before", "after commit"]).optional(),
});
type FaultAsSent = z.infer<typeof faultAsSent>;

/** The faults that are due, oldest first; a request meets at most one of them. */
export type Faults = {
  add(fault: FaultAsSent): void;
  clear(): void;
  /** The remainder of each fault. */
  list(): readonly FaultAsSent[];
  readonly handler: RequestHandler;
};

export function faultList(): Faults {
  let due: (Omit<FaultAsSent, "count"> & { count: number })[] = [];

  function next(method: string, path: string): FaultAsSent | undefined {
    const fault = due.find(
      (each) => (each.method ?? method) === method && (each.path === undefined || path.includes(each.path)),
    );
    if (fault === undefined) return undefined;
    fault.count -= 1;
    due = due.filter(({ count }) => count > 0);
    return fault;
  }

  return {
    add: (fault) => void due.push({ ...fault }),
    clear: () => void (due = []),
    list: () => due.map((fault) => ({ ...fault })),
    async handler(request, response, goOn) {
      const fault = next(request.method, request.originalUrl);
      if (fault === undefined) {
        goOn();
        return;
      }
      if (fault.delayMs > 0) await wait(fault.delayMs);
      if (fault.drop === "before") {
        request.socket.destroy();
        return;
      }
      if (fault.drop === "after commit") {
        // The route does its work to the end and means to answer.
        response.end = () => {
          request.socket.destroy();
          return response;
        };
      }
      if (fault.status === undefined) {
        goOn();
        return;
      }
      if (fault.retryAfter !== undefined) response.set("Retry-After", String(fault.retryAfter));
      response.status(fault.status);
      if (typeof fault.body === "string") response.type("text/plain").send(fault.body);
      else response.json(fault.body ?? { error: "StandIn", description: "A fault that was asked for" });
    },
  };
}
