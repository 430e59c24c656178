import type { RequestHandler } from "express";

/** Handlers one after the other, as Express runs its own, but without asking at each of them whether the path is its. */
export function chainHandlers(...handlers: readonly RequestHandler[]): RequestHandler {
  return (request, response, leave) => {
    const begin = (place: number): void => {
      const handler = handlers[place];
      if (handler === undefined) {
        leave();
        return;
      }
      try {
        const result: unknown = handler(request, response, (error?: unknown) => {
          if (error === undefined) begin(place + 1);
          else leave(error);
        });
        if (result instanceof Promise) result.catch((error: unknown) => leave(error));
      } catch (error) {
        leave(error);
      }
    };
    begin(0);
  };
}
