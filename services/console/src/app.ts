import express, { type Express, type RequestHandler } from "express";
import type { Clock, ConsoleConfiguration, Log } from "@sluice/runtime";
import { noStoreHeaders, faults, noSuchRoute } from "./api/answering.ts";
import { openApiDocument } from "./api/openapi.ts";
import type { Route } from "./api/operation.ts";
import { OPERATIONS } from "./api/operations.ts";
import { routerOf } from "./api/router.ts";
import { createCallers, type ConsoleToken } from "./caller.ts";
import { sessionRoutes, type SessionFacts } from "./session-routes.ts";
import { createProvider } from "./sign-in/provider.ts";
import { signInRoutes } from "./sign-in/sign-in-routes.ts";

export type ConsoleAppOptions = {
  readonly tokens: readonly ConsoleToken[];
  /** The provider that vouches for people; undefined: nobody does. */
  readonly signIn?: ConsoleConfiguration | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly surroundings: SessionFacts;
  /** The routes of all operations but signing in. */
  readonly routes: readonly Route[];
  /** Answers every request that is not the API's. */
  readonly page?: RequestHandler;
};

/** The operators' API: every operation of it is carried out, or it does not start. And the page. */
export function createConsoleApp(options: ConsoleAppOptions): Express {
  const { tokens, signIn, clock, log, surroundings, page } = options;
  const callers = createCallers(tokens, signIn?.oidc.clientSecret);
  const provider = signIn === undefined ? null : createProvider(signIn.oidc, signIn.publicUrl);
  const routes: readonly Route[] = [
    ...sessionRoutes({ callers, clock, surroundings, provider: provider?.title ?? null }),
    ...options.routes,
  ];
  for (const operation of Object.values(OPERATIONS)) {
    if (!routes.some((route) => route.operation === operation)) throw new Error(`nothing carries out ${operation.id}`);
  }
  const app = express();
  app.disable("x-powered-by");
  app.use(noStoreHeaders);
  app.get("/openapi.json", (request, response) => {
    response.json(openApiDocument(Object.values(OPERATIONS), `${request.protocol}://${request.get("host")}`));
  });
  app.use(routerOf(routes, (request) => callers.of(request, clock.nowMs())));
  app.use("/api", noSuchRoute);
  if (signIn !== undefined && provider !== null) {
    const { publicUrl, oidc } = signIn;
    app.use(signInRoutes({ provider, publicUrl, visitKey: oidc.clientSecret, callers, clock, log }));
  }
  if (page !== undefined) app.use(page);
  app.use(faults(log));
  return app;
}
