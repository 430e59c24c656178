import { useEffect, useState } from "preact/hooks";
import type { SentTrial } from "../../../src/contract/trial.ts";
import { useAnswer, useOnDemand } from "../api/questions.ts";
import { Empty, Failure, Waiting } from "../parts/answers.tsx";
import { useQueryPart } from "../parts/query.ts";
import { View } from "../parts/view.tsx";
import { useSession } from "../session.ts";
import { EventPicker } from "./event-picker.tsx";
import { requestText } from "./past-event.ts";
import { SendForm } from "./send-form.tsx";
import { SentEvents } from "./sent.tsx";
import { TrialShown } from "./trial-shown.tsx";

/** A trial of a webhook: what it would become, step by step, up to the request; and its way, once it is sent. */
export function TrialView() {
  const { sources } = useSession();
  const [query, setQuery] = useQueryPart();
  const source = query["source"] && sources.includes(query["source"]) ? query["source"] : (sources[0] ?? "");
  const past = query["event"] ?? "";
  const [text, setText] = useState("");
  const [sent, setSent] = useState<SentTrial | null>(null);
  const samples = useAnswer("getSamples", { path: { name: source } }, { isOff: source === "" });
  const trace = useAnswer("traceEvent", { path: { ref: past } }, { isOff: past === "" });
  const trying = useOnDemand("tryWebhook");
  const attempt = (given: string) => {
    setSent(null);
    trying.mutate({ body: { source, text: given } });
  };
  const begin = (given: string) => {
    setText(given);
    setSent(null);
    trying.reset();
  };
  const webhook = past === "" ? undefined : trace.data?.webhook;
  const request = webhook === undefined || webhook === null ? null : requestText(webhook);
  useEffect(() => {
    if (request === null) return;
    setText(request.text);
    attempt(request.text);
  }, [request?.text]);
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
      says="What a webhook becomes: whether it is authentic, what each expression makes of it, and the exact request. Nothing is stored or sent until you say so."
    >
      <form
        class="trial-form"
        onSubmit={(event) => {
          event.preventDefault();
          attempt(text);
        }}
      >
        <div class="one-row">
          <label>
            <span class="label">Source</span>
            <select
              value={source}
              onChange={(event) => {
                begin("");
                setQuery({ source: event.currentTarget.value, event: "" });
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
              onChange={(event) => {
                const chosen = samples.data?.samples[Number(event.currentTarget.value)];
                begin(chosen?.body ?? "");
                setQuery({ source, event: "" });
              }}
            >
              <option value="">choose …</option>
              {samples.data?.samples.map(({ type }, place) => (
                <option key={type} value={String(place)}>
                  {type}
                </option>
              ))}
            </select>
          </label>
          <EventPicker source={source} onPick={(ref) => setQuery({ source, event: ref })} />
        </div>
        {samples.error !== null && <Failure fault={samples.error} />}
        {past !== "" && trace.error !== null && <Failure fault={trace.error} />}
        {past !== "" && trace.data !== undefined && webhook === null && (
          <p class="note">The event is of a document that was fetched: there is no webhook of it to try.</p>
        )}
        {request !== null && request.lacks !== null && (
          <p class="note warn">{request.lacks} This is not quite the webhook that came in.</p>
        )}
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
      {trying.data !== undefined && (
        <>
          <TrialShown trial={trying.data} />
          {sent === null && trying.variables?.body !== undefined && (
            <SendForm trial={trying.data} tried={trying.variables.body} onSent={setSent} />
          )}
        </>
      )}
      {sent !== null && <SentEvents sent={sent} />}
    </View>
  );
}
