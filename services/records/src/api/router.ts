import { Router } from "express";
import { only } from "../caller.ts";
import type { Route } from "./operation.ts";

/** Serves the routes, each to the roles that its operation names; of two that fit a path, the earlier one. */
export function routerOf(routes: readonly Route[]): Router {
  const router = Router();
  for (const { operation, handle } of routes) {
    const path = operation.path.replaceAll(/\{(\w+)\}/g, ":$1");
    const guards = operation.roles.length === 0 ? [] : [only(...operation.roles)];
    router[operation.method](path, ...guards, handle);
  }
  return router;
}
