import { NAME_FIELD } from "@sluice/record";
import type { ReadBack, StoredRecord } from "../destination.ts";
import { exchangeOf, silenceOf, unreadable } from "../http/answer.ts";
import { answerOf } from "./answer.ts";
import type { ZendeskClient } from "./client.ts";
import { askedTogether, listRecordsByKey, type Listed } from "./list-records.ts";
import { isReadBackOf } from "./read-value.ts";

/** Records by their external ids, a hundred in one list. */
export function zendeskReadBack(client: ZendeskClient): ReadBack {
  return {
    requestsOf: askedTogether,
    async read(object, keys, signal) {
      try {
        const { reply, records } = await listRecordsByKey(client, object, keys, { signal });
        if (records !== null) {
          const found = keys.map(({ value }) => records.get(value));
          return {
            exchange: exchangeOf({ kind: "done" }, reply),
            records: found.map((each) => (each === undefined ? null : storedOf(each))),
          };
        }
        if (reply.status < 300) {
          return { exchange: unreadable("list_unreadable", "the answer is no list of records", reply), records: null };
        }
        return { exchange: exchangeOf(answerOf(reply, "fields", object), reply), records: null };
      } catch (error) {
        return { exchange: silenceOf(error), records: null };
      }
    },
    holds: isReadBackOf,
  };
}

function storedOf({ name, fields, changedAtMs }: Listed): StoredRecord {
  return { fields: new Map([...Object.entries(fields), [NAME_FIELD, name]]), changedAtMs };
}
