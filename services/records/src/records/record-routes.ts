import type { Request, Response } from "express";
import { ANSWERS, RULINGS, Refusal } from "@sluice/zendesk";
import { answerJson } from "../answering.ts";
import { route, type Route } from "../api/operation.ts";
import { callerOf } from "../caller.ts";
import { readFence } from "./fence.ts";
import { readPageRequest } from "../paging/page-request.ts";
import { unknownFieldsOf } from "../preference.ts";
import type { RecordBody } from "./record-change.ts";
import { countRecords, filteredBy, listRecords, showRecord, type ListFilter } from "./record-list.ts";
import { LIST_ORDERS } from "./record-order.ts";
import { recordPageOf } from "./record-page.ts";
import {
  COUNT_RECORDS,
  CREATE_RECORD,
  DELETE_RECORD,
  DELETE_RECORD_BY_KEY,
  LIST_RECORDS,
  SHOW_RECORD,
  UPDATE_RECORD,
  UPSERT_RECORD,
} from "./record-operations.ts";
import { recordOf } from "./record-row.ts";
import { UNGUARDED, createRecord, deleteRecord, updateRecord, upsertRecord, type Guard } from "./record-write.ts";
import { baseOf } from "../origin.ts";
import { parameter, queryOf, readEnvelope } from "../request.ts";
import type { Store } from "../store.ts";
import { readStamps } from "./stamps.ts";
import { ULID } from "./ulid.ts";
import { wireTime } from "../wire-time.ts";

const ENVELOPE = "custom_object_record";

/** `/custom_objects/{object}/records…` (§8, §9). */
export function recordRoutes(store: Store): readonly Route[] {
  return [
    // The page that shows the API has its calls in this order: the most wanted one comes first.
    route(UPSERT_RECORD, async (request, response) => {
      const key = readKey(queryOf(request));
      const guard = guardOf(request, response);
      // An object that does not exist is a 404 whatever the body says.
      await store.definitions.with(request.params.object, () => Promise.resolve(undefined));
      const body = bodyOf(request, response, store);
      const options = { caller: callerOf(response), guard };
      const { row, definition, created, older } = await upsertRecord(store, request.params.object, key, body, options);
      if (older.length > 0) response.setHeader(RULINGS.staleFieldsHeader, older.join(","));
      response.setHeader(RULINGS.upsertHeader, created ? "created" : "updated");
      answerJson(response, RULINGS.upsertStatus, { [ENVELOPE]: recordOf(row, definition, baseOf(request)) });
    }),

    route(LIST_RECORDS, async (request, response) => {
      const parameters = queryOf(request);
      const page = readPageRequest(parameters, LIST_ORDERS);
      const condition = filteredBy(readFilter(parameters));
      const found = await listRecords(store, request.params.object, page, { condition });
      response.json(
        recordPageOf(found, page, {
          request,
          parameters,
          path: `custom_objects/${request.params.object}/records`,
          nextOnLastPage: store.quirks.nextOnLastPage,
        }),
      );
    }),

    route(CREATE_RECORD, async (request, response) => {
      const body = bodyOf(request, response, store);
      const { row, definition } = await createRecord(store, request.params.object, body, callerOf(response));
      const record = recordOf(row, definition, baseOf(request));
      response.location(record.url);
      answerJson(response, 201, { [ENVELOPE]: record });
    }),

    route(DELETE_RECORD_BY_KEY, async (request, response) => {
      const options = { caller: callerOf(response), guard: guardOf(request, response) };
      await deleteRecord(store, request.params.object, readKey(queryOf(request)), options);
      response.status(204).end();
    }),

    route(COUNT_RECORDS, async (request, response) => {
      const value = await countRecords(store, request.params.object);
      response.json({ count: { value, refreshed_at: wireTime(new Date(store.clock.nowMs())) } });
    }),

    route(SHOW_RECORD, async (request, response) => {
      const { row, definition } = await showRecord(store, request.params.object, idOf(request.params.id));
      if (row === undefined) throw new Refusal(ANSWERS.recordNotFound());
      response.json({ [ENVELOPE]: recordOf(row, definition, baseOf(request)) });
    }),

    route(UPDATE_RECORD, async (request, response) => {
      const { object, id } = request.params;
      const body = bodyOf(request, response, store);
      const { row, definition } = await updateRecord(store, object, id, body, callerOf(response));
      answerJson(response, 200, { [ENVELOPE]: recordOf(row, definition, baseOf(request)) });
    }),

    route(DELETE_RECORD, async (request, response) => {
      const key = { by: "id", value: request.params.id } as const;
      await deleteRecord(store, request.params.object, key, { caller: callerOf(response), guard: UNGUARDED });
      response.status(204).end();
    }),
  ];
}

function idOf(id: string): string {
  if (!ULID.test(id)) throw new Refusal(ANSWERS.recordNotFound());
  return id;
}

/** Rows 5 and 6: the query has exactly one of the two keys, and it is not empty. */
function readKey(query: URLSearchParams): { by: "external_id" | "name"; value: string } {
  const externalId = parameter(query, "external_id");
  const name = parameter(query, "name");
  if (externalId !== null && externalId !== "" && name === null) return { by: "external_id", value: externalId };
  if (name !== null && name !== "" && externalId === null) return { by: "name", value: name };
  throw new Refusal(ANSWERS.identityParameters());
}

function bodyOf(request: Request, response: Response, { quirks }: Store): RecordBody {
  return { ...readEnvelope(request, ENVELOPE), unknownFields: unknownFieldsOf(request, response, quirks) };
}

/** The answer repeats the token, so that its writer knows that tokens are checked here. */
function guardOf(request: Request, response: Response): Guard {
  const text = request.get(RULINGS.fenceHeader);
  if (text === undefined) return UNGUARDED;
  const fence = readFence(text);
  response.setHeader(RULINGS.fenceHeader, fence);
  const told = request.get(RULINGS.stampsHeader);
  return { fence, stamps: told === undefined ? null : (readStamps(told, 1)[0] ?? null) };
}

function readFilter(query: URLSearchParams): ListFilter {
  const ids = parameter(query, "filter[ids]");
  const externalIds = parameter(query, "filter[external_ids]");
  return {
    ...(ids === null ? {} : { ids: ids.split(",") }),
    ...(externalIds === null ? {} : { externalIds: externalIds.split(",") }),
  };
}
