import { pageAnswer, type LinkFacts } from "../paging/page.ts";
import type { PageRequest } from "../paging/page-request.ts";
import { baseOf } from "../origin.ts";
import type { RecordPage } from "./record-list.ts";
import { placeIn, type RecordOrder } from "./record-order.ts";
import { recordOf } from "./record-row.ts";

/** A page of records as it leaves (§8.2, §11). */
export function recordPageOf(found: RecordPage, page: PageRequest<RecordOrder>, links: LinkFacts): object {
  const base = baseOf(links.request);
  return {
    count: found.rows.length,
    custom_object_records: found.rows.map((row) => recordOf(row, found.definition, base)),
    ...pageAnswer(found, page, placeIn(page.order), links),
  };
}
