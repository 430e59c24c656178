import { randomBytes } from "node:crypto";
import express, { type Express, type RequestHandler } from "express";
import type { Clock, Database, Log } from "@sluice/runtime";
import { RULINGS, type Quirks } from "@sluice/zendesk";
import { accessTokens, type OAuthClient } from "./account/access-token.ts";
import { OWN_ACCOUNT, type AccountLimits } from "./account/account.ts";
import { limitRoutes } from "./account/limit-routes.ts";
import { tokenRoutes } from "./account/token-routes.ts";
import { commonHeaders, noSuchEndpoint, refusals, withoutJsonSuffix } from "./answering.ts";
import { chainHandlers } from "./api/chain-handlers.ts";
import { openApi } from "./api/openapi.ts";
import type { Operation } from "./api/operation.ts";
import { optionsOf, routerOf } from "./api/router.ts";
import { apiBody, readTokenBody } from "./body.ts";
import { authenticate, only, type Token } from "./caller.ts";
import { apiPage } from "./docs/api-page.ts";
import { definitionsOf } from "./objects/definition.ts";
import { exportRoutes } from "./export/export-routes.ts";
import { fieldRoutes } from "./fields/field-routes.ts";
import { jobRoutes } from "./jobs/job-routes.ts";
import { jobsOf, type Jobs } from "./jobs/jobs.ts";
import { migrateRecords } from "./migrations.ts";
import { objectRoutes } from "./objects/object-routes.ts";
import { recordRoutes } from "./records/record-routes.ts";
import { recordWriter } from "./records/record-writer.ts";
import { recordTally } from "./records/record-tally.ts";
import { searchRoutes } from "./search/search-routes.ts";
import { hasTrigrams } from "./search/text-query.ts";
import { knowOrigin, type OriginOptions } from "./origin.ts";
import type { StandIn } from "./stand-in/stand-in.ts";
import type { Store } from "./store.ts";
import { ulids } from "./records/ulid.ts";

export type RecordsAppOptions = {
  readonly database: Database;
  /** The tokens with their roles; a token's place in the list makes its user id. */
  readonly tokens: readonly Token[];
  readonly clock: Clock;
  readonly log: Log;
  /** Called for each write with a part that was older than the stored value. */
  readonly onOlderRefused?: () => void;
  readonly quirks?: Quirks;
  /** How the links of answers begin. */
  readonly origin?: OriginOptions;
  /** The programs that may fetch OAuth access tokens. */
  readonly clients?: readonly OAuthClient[];
  readonly account?: AccountLimits;
  /** Makes the app behave as an account of Zendesk, for tests of clients of one. */
  readonly standIn?: StandIn;
  /** Serves all that is not the API: the probes of a role. */
  readonly beside?: RequestHandler;
};

export type RecordsApp = {
  readonly app: Express;
  readonly store: Store;
  /** The operations that the app serves, as /openapi.json describes them. */
  readonly operations: readonly Operation[];
  readonly jobs: Jobs;
};

/** Brings the tables up to date and makes the API; the database stays the caller's to close. */
export async function createRecordsApp(options: RecordsAppOptions): Promise<RecordsApp> {
  const { database, tokens, clients = [], log, quirks = {}, origin = {}, standIn, beside } = options;
  const { onOlderRefused = () => {} } = options;
  const clock = standIn?.clock ?? options.clock;
  const account = standIn?.account ?? options.account ?? OWN_ACCOUNT;
  await migrateRecords(database);
  const store: Store = {
    database,
    definitions: definitionsOf(database),
    tally: await recordTally(database, clock, account.records),
    account,
    clock,
    log,
    quirks,
    writer: recordWriter(database),
    trigrams: await hasTrigrams(database),
    onOlderRefused,
    newRecordId: ulids(() => clock.nowMs(), randomBytes),
  };

  const jobs = jobsOf({ database, clock, log, pace: standIn?.jobPace });
  const access = accessTokens(clients, clock);
  const lifeSeconds = standIn?.tokenSeconds ?? (() => RULINGS.accessTokenSeconds.unlessAsked);
  const routes = [
    ...objectRoutes(store),
    ...fieldRoutes(store),
    // Searches come before the records: `search` would be taken for a record's id.
    ...searchRoutes(store),
    ...recordRoutes(store),
    ...jobRoutes(store, jobs),
    ...exportRoutes(store),
    ...limitRoutes(store),
  ];
  const openRoutes = tokenRoutes(access, lifeSeconds);
  const everyRoute = [...routes, ...openRoutes];
  const app = express();
  app.disable("x-powered-by");
  // request.ts reads the query parameters; brackets mean nothing to it.
  app.set("query parser", false);
  app.use(chainHandlers(commonHeaders, knowOrigin(origin)));
  const authenticated = authenticate(tokens, access);
  if (standIn !== undefined) {
    app.use("/__control", authenticated, only("admin"), standIn.control(access, jobs));
    app.use(["/api/v2", "/oauth"], ...standIn.first);
  }
  const limit = standIn === undefined ? [] : [standIn.limit];
  app.use(
    below(
      "/api/v2",
      chainHandlers(
        withoutJsonSuffix,
        optionsOf(routes),
        authenticated,
        ...limit,
        apiBody,
        routerOf(routes),
        noSuchEndpoint,
      ),
    ),
    below(
      "/oauth",
      chainHandlers(withoutJsonSuffix, optionsOf(openRoutes), readTokenBody, routerOf(openRoutes), noSuchEndpoint),
    ),
    openApi(everyRoute),
    apiPage(),
  );
  if (beside !== undefined) app.use(beside);
  app.use(noSuchEndpoint, refusals(log));
  return { app, store, operations: everyRoute.map(({ operation }) => operation), jobs };
}

/** Hands on what is at `prefix` or below it, whatever its case, with its path as it is. */
function below(prefix: string, handler: RequestHandler): RequestHandler {
  return (request, response, next) => {
    const { path } = request;
    const isBelow = path.slice(0, prefix.length).toLowerCase() === prefix && (path[prefix.length] ?? "/") === "/";
    if (!isBelow) next();
    else return handler(request, response, next);
  };
}
