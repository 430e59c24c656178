import { useState } from "preact/hooks";
import { useAnswer, useChange } from "../api/questions.ts";
import { Empty, Failure, Waiting } from "../parts/answers.tsx";
import { useQueryPart } from "../parts/query.ts";
import { View } from "../parts/view.tsx";
import { useSession } from "../session.ts";
import { TrialShown } from "./trial-shown.tsx";

/** A trial of a webhook: what it would become, step by step, up to the request. */
export function TrialView() {
  const { sources } = useSession();
  const [query, setQuery] = useQueryPart();
  const source = query["source"] && sources.includes(query["source"]) ? query["source"] : (sources[0] ?? "");
  const [text, setText] = useState("");
  const samples = useAnswer("getSamples", { path: { name: source } }, { isOff: source === "" });
  const trying = useChange("tryWebhook");
  if (source === "") {
    return (
      <View title="Try">
        <Empty title="No source is configured">
          <code>pnpm sluice init</code> writes the first one into sluice.yaml.
        </Empty>
      </View>
    );
  }
  return (
    <View
      title="Try"
      says="What a webhook becomes: whether it is authentic, what each expression makes of it, and the exact request. Nothing is stored or sent."
    >
      <form
        class="trial-form"
        onSubmit={(event) => {
          event.preventDefault();
          trying.mutate({ body: { source, text } });
        }}
      >
        <div class="one-row">
          <label>
            <span class="label">Source</span>
            <select
              value={source}
              onChange={(event) => {
                setText("");
                trying.reset();
                setQuery({ source: event.currentTarget.value });
              }}
            >
              {sources.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
          <label>
            <span class="label">Begin with a sample of its sender</span>
            <select
              value=""
              disabled={samples.data === undefined || samples.data.samples.length === 0}
              onChange={(event) => setText(samples.data?.samples[Number(event.currentTarget.value)]?.body ?? "")}
            >
              <option value="">choose …</option>
              {samples.data?.samples.map(({ type }, place) => (
                <option key={type} value={String(place)}>
                  {type}
                </option>
              ))}
            </select>
          </label>
        </div>
        {samples.error !== null && <Failure fault={samples.error} />}
        <label>
          <span class="label">Body, signed here as its sender would; or a whole request as {"{ headers, body }"}</span>
          <textarea
            rows={text === "" ? 5 : Math.min(18, text.split("\n").length + 1)}
            spellcheck={false}
            placeholder='{"type": "customer.updated", …}'
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        <div class="acts">
          <button class="main" disabled={trying.isPending || text.trim() === ""}>
            Try it
          </button>
        </div>
      </form>
      {trying.isPending && <Waiting says="Trying …" />}
      {trying.error !== null && (
        <div class="section">
          <Failure fault={trying.error} />
        </div>
      )}
      {trying.data !== undefined && <TrialShown trial={trying.data} />}
    </View>
  );
}
