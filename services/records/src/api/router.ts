import { Router, type RequestHandler } from "express";
import { ANSWERS, Refusal } from "@sluice/zendesk";
import { only } from "../caller.ts";
import { isStorableText } from "../storable.ts";
import type { Route } from "./operation.ts";

/** Serves the routes, each to the roles that its operation names; of two that fit a path, the earlier one. */
export function routerOf(routes: readonly Route[]): Router {
  const router = Router();
  for (const { operation, handle } of routes) {
    const path = operation.path.replaceAll(/\{(\w+)\}/g, ":$1");
    const guards = operation.roles.length === 0 ? [] : [only(...operation.roles)];
    router[operation.method](path, ...guards, onlyStorablePath, handle);
  }
  return router;
}

/** Nothing has a key or an id that can't be kept. */
const onlyStorablePath: RequestHandler = ({ params }, _response, next) => {
  if (!Object.values(params).flat().every(isStorableText)) throw new Refusal(ANSWERS.recordNotFound());
  next();
};
