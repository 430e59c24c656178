import { randomBytes } from "node:crypto";
import express, { type Express } from "express";
import type { Clock, Database, Log } from "@sluice/runtime";
import { LIMITS as CONTRACT_LIMITS, type Quirks } from "@sluice/zendesk";
import { commonHeaders, noSuchEndpoint, refusals, withoutJsonSuffix } from "./answering.ts";
import { openApi } from "./api/openapi.ts";
import type { Operation } from "./api/operation.ts";
import { routerOf } from "./api/router.ts";
import { authenticate, type Token } from "./caller.ts";
import { apiPage } from "./docs/api-page.ts";
import { definitionsOf } from "./objects/definition.ts";
import { fieldRoutes } from "./fields/field-routes.ts";
import { LIMITS } from "./limits.ts";
import { migrateRecords } from "./migrations.ts";
import { objectRoutes } from "./objects/object-routes.ts";
import { recordRoutes } from "./records/record-routes.ts";
import { recordTally } from "./records/record-tally.ts";
import type { Store } from "./store.ts";
import { ulids } from "./records/ulid.ts";

export type RecordsAppOptions = {
  readonly database: Database;
  /** Who may do what; a token's place in the list makes its user id. */
  readonly tokens: readonly Token[];
  readonly clock: Clock;
  readonly log: Log;
  readonly quirks?: Quirks;
  /** Of records that the account may hold. */
  readonly recordLimit?: number;
};

export type RecordsApp = {
  readonly app: Express;
  readonly store: Store;
  /** What it serves, as /openapi.json describes it. */
  readonly operations: readonly Operation[];
};

/** Brings the tables up to date and makes the API; the database stays the caller's to close. */
export async function createRecordsApp(options: RecordsAppOptions): Promise<RecordsApp> {
  const { database, tokens, clock, log, quirks = {}, recordLimit = CONTRACT_LIMITS.records } = options;
  await migrateRecords(database);
  const store: Store = {
    database,
    definitions: definitionsOf(database),
    tally: await recordTally(database, clock, recordLimit),
    clock,
    log,
    quirks,
    newRecordId: ulids(() => clock.nowMs(), randomBytes),
  };

  const routes = [...objectRoutes(store), ...fieldRoutes(store), ...recordRoutes(store)];
  const app = express();
  app.disable("x-powered-by");
  // Query parameters are read by request.ts, whose brackets mean nothing.
  app.set("query parser", false);
  app.use(commonHeaders, openApi(routes), apiPage(), withoutJsonSuffix);
  app.use(
    "/api/v2",
    authenticate(tokens),
    // Whatever the body says it is, it is read as JSON, and only where one is wanted.
    express.raw({ type: () => true, limit: LIMITS.requestBodyBytes }),
  );
  app.use(routerOf(routes), noSuchEndpoint, refusals(log));
  return { app, store, operations: routes.map(({ operation }) => operation) };
}
