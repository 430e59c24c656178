import type { DestinationNow } from "../../../src/contract/now.ts";

export function LaneState({ destination: { state, recoveryAllows } }: { readonly destination: DestinationNow }) {
  switch (state) {
    case "flowing":
      return <span class="state good">flows</span>;
    case "held":
      return <span class="state warn">held</span>;
    case "recovering":
      return (
        <span class="state under-way">comes back{recoveryAllows === null ? "" : `, ${recoveryAllows} at a time`}</span>
      );
  }
}
