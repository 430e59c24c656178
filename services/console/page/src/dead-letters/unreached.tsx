import { countWithNoun } from "../figures.ts";

/** Says which letters an answer lacks: the history has them, and does not answer, or is not this console's. */
export function Unreached({ letters }: { readonly letters: number }) {
  if (letters === 0) return null;
  return (
    <div class="note warn" role="status">
      <p>
        <strong>{countWithNoun(letters, "more dead letter")} in the history, which can’t be asked now.</strong>
      </p>
      <p>They are kept. This list shows them again once the history’s database answers, and this console knows it.</p>
    </div>
  );
}
