import { Empty } from "./answers.tsx";

/** In the place of the past, where none is kept: what would stand here, and how it gets here. */
export function NoHistory() {
  return (
    <Empty title="Nothing of the past is kept here">
      <p>
        Given a Postgres, workers keep what came in and what became of it, and every value can be explained.{" "}
        <code>sluice up</code> does so by itself. Roles that run alone need its address, in the file of the workers and
        of this console:
      </p>
      <pre class="json">{"history:\n  database: postgres://…"}</pre>
      <p style={{ marginTop: ".75rem" }}>
        The live state is here all the same: <a href="/">Now</a>, <a href="/records">Records</a>,{" "}
        <a href="/letters">Dead letters</a>.
      </p>
    </Empty>
  );
}
