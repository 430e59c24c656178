import { sentence } from "./answers.tsx";

/** The parts that can't be told: nobody shall take what is missing for what did not happen. */
export function Gaps({ gaps }: { readonly gaps: readonly string[] }) {
  if (gaps.length === 0) return null;
  return (
    <div class="note section">
      <p>
        <strong>Not all of it can be told</strong>
      </p>
      <ul>
        {gaps.map((gap) => (
          <li key={gap}>{sentence(gap)}</li>
        ))}
      </ul>
    </div>
  );
}
