import type { RequestHandler } from "express";

/** Handlers one after the other, as Express runs its own, but without asking at each of them whether the path is its. */
export function inTurn(...handlers: readonly RequestHandler[]): RequestHandler {
  return (request, response, next) => {
    const begin = (place: number): void => {
      const handler = handlers[place];
      if (handler === undefined) {
        next();
        return;
      }
      try {
        const done: unknown = handler(request, response, (error?: unknown) => {
          if (error === undefined) begin(place + 1);
          else next(error);
        });
        if (done instanceof Promise) done.catch(next);
      } catch (error) {
        next(error);
      }
    };
    begin(0);
  };
}
