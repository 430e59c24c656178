import express, { type Express } from "express";
import type { Clock, Log } from "@sluice/runtime";
import { commonHeaders, faults, noSuchRoute } from "./api/answering.ts";
import { Fault } from "./api/fault.ts";
import { openApiDocument } from "./api/openapi.ts";
import type { Route } from "./api/operation.ts";
import { OPERATIONS } from "./api/operations.ts";
import { routerOf } from "./api/router.ts";
import { createCallers, type Token } from "./caller.ts";
import { sessionRoutes, type Surroundings } from "./session-routes.ts";

export type ConsoleAppOptions = {
  readonly tokens: readonly Token[];
  readonly clock: Clock;
  readonly log: Log;
  readonly surroundings: Surroundings;
};

/** The operators' API. An operation that nothing carries out yet answers 501. */
export function createConsoleApp({ tokens, clock, log, surroundings }: ConsoleAppOptions): Express {
  const callers = createCallers(tokens);
  const built: readonly Route[] = [...sessionRoutes({ callers, clock, surroundings })];
  const routes = Object.values(OPERATIONS).map(
    (operation): Route => built.find((each) => each.operation === operation) ?? { operation, handle: notBuilt },
  );
  const app = express();
  app.disable("x-powered-by");
  app.use(commonHeaders);
  app.get("/openapi.json", (request, response) => {
    response.json(openApiDocument(Object.values(OPERATIONS), `${request.protocol}://${request.get("host")}`));
  });
  app.use(routerOf(routes, (request) => callers.of(request, clock.nowMs())));
  app.use("/api", noSuchRoute);
  app.use(faults(log));
  return app;
}

async function notBuilt(): Promise<never> {
  throw new Fault("not_built", "this version does not do it yet");
}
