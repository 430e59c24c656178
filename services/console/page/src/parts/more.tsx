import { useEffect } from "preact/hooks";
import { At } from "./clock.tsx";

/** Pages that a search goes on for by itself while it finds nothing: it looks 0.4 s at a time. */
const BY_ITSELF = 5;

type MoreProps = {
  readonly list: {
    readonly items: readonly unknown[];
    readonly pages: number;
    readonly hasMore: boolean;
    readonly isGoingOn: boolean;
    readonly searchedTo: string | null;
    readonly goOn: () => void;
  };
};

/** The end of a list that goes on. */
export function More({ list }: MoreProps) {
  const { items, pages, hasMore, isGoingOn, searchedTo, goOn } = list;
  const isThin = hasMore && !isGoingOn && items.length < 20 && pages < BY_ITSELF;
  useEffect(() => {
    if (isThin) goOn();
  }, [isThin, pages]);
  if (!hasMore) return null;
  return (
    <div class="more">
      <button type="button" disabled={isGoingOn} onClick={goOn}>
        {isGoingOn ? "Searching …" : "Go on"}
      </button>
      {searchedTo !== null && (
        <span role="status">
          Searched back to <At at={searchedTo} />
        </span>
      )}
    </div>
  );
}
