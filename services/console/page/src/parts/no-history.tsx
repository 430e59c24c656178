import type { ApiFault } from "../api/call.ts";
import { Empty, Failure } from "./answers.tsx";

/** A history that says no: off, which is a choice that can be taken back; or away, which passes. */
export function NoHistory({ fault, again }: { readonly fault: ApiFault; readonly again?: () => unknown }) {
  if (fault.code !== "history_off") return <Failure fault={fault} {...(again === undefined ? {} : { again })} />;
  return (
    <Empty title="Nothing of the past is kept here">
      <p>
        Given a Postgres, workers keep what came in and what became of it, and every value can be explained.{" "}
        <code>sluice up</code> does so by itself; roles that run alone need its address, in the file of the workers and
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
