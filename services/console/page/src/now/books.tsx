import type { Books as Kept } from "../../../src/contract/audit.ts";
import { useAnswer } from "../api/questions.ts";
import { count } from "../figures.ts";
import { Failure, Waiting } from "../parts/answers.tsx";

const EVERY_MS = 5_000;

/** Whether every event is accounted for, and the accounts themselves. */
export function BooksView() {
  const { data: books, error, refetch } = useAnswer("getBooks", {}, { everyMs: EVERY_MS });
  if (books === undefined) return error === null ? <Waiting /> : <Failure fault={error} again={refetch} />;
  return (
    <details class="books">
      <summary>
        {books.isBalanced ? (
          <strong class="state good">Everything is accounted for</strong>
        ) : (
          <strong class="state bad">Something is missing in the books</strong>
        )}
        <span class="soft">
          {count(books.events.reduce((sum, { understood }) => sum + understood, 0))} events,{" "}
          {count(books.accounts.reduce((sum, { accepted }) => sum + accepted, 0))} changes
        </span>
      </summary>
      <Sums title="Jobs of the intake" rows={[books.jobs]} />
      <Sums title="Events, by source" rows={books.events} />
      <Sums title="Changes, by destination and source" rows={books.accounts} />
    </details>
  );
}

type Row = Kept["jobs"] | Kept["events"][number] | Kept["accounts"][number];

function Sums({ title, rows }: { readonly title: string; readonly rows: readonly Row[] }) {
  const [first] = rows;
  if (first === undefined) return null;
  const columns = Object.keys(first);
  return (
    <div class="sums" tabIndex={0} role="region" aria-label={title}>
      <table>
        <caption class="unseen">{title}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col" class={isName(column) ? undefined : "right"}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={JSON.stringify(row)}>
              {Object.entries(row).map(([column, value]) => (
                <td
                  key={column}
                  class={isName(column) ? undefined : `right${column === "missing" && value !== 0 ? " bad" : ""}`}
                >
                  {typeof value === "number" ? count(value) : value}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function isName(column: string): boolean {
  return column === "source" || column === "destination";
}
