import type { DestinationNow } from "../../../src/contract/now.ts";
import { count } from "../figures.ts";

/** How many requests a destination gets, and who says so. */
export function QuotaText({ quota }: { readonly quota: DestinationNow["quota"] }) {
  return (
    <>
      {count(quota.requestsPerMinute)} requests/min
      <span class="soft">
        {" "}
        ({count(quota.configured)} configured
        {quota.said !== null && `, ${count(quota.said)} by its own word`}
        {quota.share < 1 && `, ${Math.round(quota.share * 100)} % of it used`})
      </span>
    </>
  );
}
