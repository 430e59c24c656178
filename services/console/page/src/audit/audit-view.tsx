import { useState } from "preact/hooks";
import { useList } from "../api/questions.ts";
import { Empty, Failure, Waiting } from "../parts/answers.tsx";
import { At } from "../parts/clock.tsx";
import { More } from "../parts/more.tsx";
import { useQueryPart } from "../parts/query.ts";
import { View } from "../parts/view.tsx";

/** The audit log: who changed what, and why. */
export function AuditView() {
  const [query, setQuery] = useQueryPart();
  const { action, actor, target } = query;
  const [typed, setTyped] = useState({ action: action ?? "", actor: actor ?? "", target: target ?? "" });
  const list = useList("listAudit", {
    query: { ...(action ? { action } : {}), ...(actor ? { actor } : {}), ...(target ? { target } : {}) },
  });
  const text = (name: keyof typeof typed, label: string, placeholder: string) => (
    <label>
      <span class="label">{label}</span>
      <input
        name={name}
        placeholder={placeholder}
        value={typed[name]}
        onInput={(event) => setTyped({ ...typed, [name]: event.currentTarget.value })}
      />
    </label>
  );
  return (
    <View title="Audit log" says="Changes of state that people asked for, here or on the command line.">
      <form
        class="filters"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          setQuery(typed);
        }}
      >
        {text("target", "Of what", "crm/customer/4711")}
        {text("action", "Action", "destination.hold")}
        {text("actor", "By whom", "operator")}
        <div>
          <button class="main">Find</button>
        </div>
      </form>
      {list.error !== null && <Failure fault={list.error} />}
      {list.isPending && <Waiting />}
      {!list.isPending && list.error === null && list.items.length === 0 && !list.hasMore && (
        <Empty title={action || actor || target ? "Nobody did anything like that" : "Nobody has changed anything yet"}>
          Holding or resuming a destination, replaying a dead letter, parking a record: each is written down here, with
          who asked and the reason that was given.
        </Empty>
      )}
      {list.items.length > 0 && (
        <table class="stacks">
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">Who</th>
              <th scope="col">Action</th>
              <th scope="col">Of what</th>
              <th scope="col">Result</th>
              <th scope="col">Reason</th>
            </tr>
          </thead>
          <tbody>
            {list.items.map((entry) => (
              <tr key={entry.id}>
                <td class="figure">
                  <At at={entry.at} />
                </td>
                <td data-label="Who">
                  <span>
                    {entry.actor} <span class="soft">by {entry.via}</span>
                  </span>
                </td>
                <td data-label="Action" class="code">
                  {entry.action}
                </td>
                <td data-label="Of what" class="code">
                  {entry.target}
                </td>
                <td data-label="Result">{entry.result}</td>
                <td data-label="Reason">{entry.reason ?? ""}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <More list={list} />
    </View>
  );
}
