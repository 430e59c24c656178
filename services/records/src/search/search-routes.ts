import type { Request, Response } from "express";
import { ANSWERS, RULINGS } from "@sluice/zendesk";
import { emptyListAsObject } from "../empty-list.ts";
import { route, type Route } from "../api/operation.ts";
import { readPageRequest } from "../paging/page-request.ts";
import type { ObjectDefinition } from "../objects/definition.ts";
import { listRecords, type Bind, type Selection } from "../records/record-list.ts";
import { SEARCH_ORDERS } from "../records/record-order.ts";
import { recordPageOf } from "../records/record-page.ts";
import { mergedParameters, parameter, queryOf, readJsonObject } from "../request.ts";
import type { Store } from "../store.ts";
import { conditionOf } from "./filter-condition.ts";
import { rangeConditionOf } from "./filter-range.ts";
import { readFilter } from "./filter.ts";
import { AUTOCOMPLETE_RECORDS, FILTER_RECORDS, SEARCH_RECORDS } from "./search-operations.ts";
import { notHonoured } from "./narrowing.ts";
import { nameSelection, textSelection, narrowedBy } from "./text-query.ts";

/** `/custom_objects/{object}/records/search` and `/autocomplete` (§8.6 to §8.8). */
export function searchRoutes(store: Store): readonly Route[] {
  const answer = async (
    request: Request<{ object: string }>,
    response: Response,
    what: string,
    parameters: URLSearchParams,
    selection: Selection,
  ) => {
    const { object } = request.params;
    const page = readPageRequest(parameters, SEARCH_ORDERS);
    const found = await listRecords(store, object, page, selection);
    const { nextOnLastPage } = store.quirks;
    const path = `custom_objects/${object}/records/${what}`;
    response.json(recordPageOf(found, page, { request: request as Request, parameters, path, nextOnLastPage }));
  };

  return [
    route(SEARCH_RECORDS, async (request, response) => {
      const parameters = queryOf(request);
      const selection = await textSelection(store.database, parameter(parameters, "query"), store.trigrams);
      await answer(request, response, "search", parameters, selection);
    }),

    route(FILTER_RECORDS, async (request, response) => {
      const body = readJsonObject(request, ANSWERS.invalidFilter);
      const parameters = mergedParameters(queryOf(request), body);
      const text = await textSelection(store.database, parameter(parameters, "query"), store.trigrams);
      const filter = emptyListAsObject(body["filter"]);
      const selection =
        filter === undefined || filter === null
          ? text
          : {
              ...narrowedBy(text, (bind, definition) => conditionOf(readFilter(filter, definition), bind)),
              narrowing: (bind: Bind, definition: ObjectDefinition) =>
                rangeConditionOf(readFilter(filter, definition), definition, bind),
            };
      await answer(request, response, "search", parameters, selection);
    }),

    route(AUTOCOMPLETE_RECORDS, async (request, response) => {
      const parameters = queryOf(request);
      const ignored = await notHonoured(store, request.params.object, parameters);
      if (ignored.length > 0) response.set(RULINGS.ignoredHeader, ignored.join(", "));
      await answer(request, response, "autocomplete", parameters, nameSelection(parameter(parameters, "name")));
    }),
  ];
}
