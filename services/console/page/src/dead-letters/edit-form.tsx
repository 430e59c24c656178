import { useState } from "preact/hooks";
import type { DeadLetterJson, DeadLetterEditJson } from "../../../src/contract/dead-letter.ts";
import { editFromDrafts, membersOf, type Draft } from "./edit.ts";

type EditFormProps = {
  readonly letter: DeadLetterJson;
  readonly onPlan: (edit: DeadLetterEditJson) => void;
  readonly onCancel: () => void;
};

/** Fields of the record, or members of its event, one below the other; an untouched one stays as it is. */
export function EditForm({ letter, onPlan, onCancel }: EditFormProps) {
  const [drafts, setDrafts] = useState<readonly Draft[]>(() => membersOf(letter));
  const [added, setAdded] = useState("");
  const edit = editFromDrafts(drafts);
  const change = (name: string, part: Partial<Draft>) =>
    setDrafts(drafts.map((draft) => (draft.name === name ? { ...draft, ...part } : draft)));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (edit !== null) onPlan(edit);
      }}
    >
      <ul class="edit-rows">
        {drafts.map((draft) => (
          <li key={draft.name}>
            <label for={`edit-${draft.name}`} class="code">
              {draft.name}
            </label>
            <textarea
              id={`edit-${draft.name}`}
              rows={1}
              spellcheck={false}
              disabled={draft.isUnset}
              value={draft.text}
              onInput={(event) => change(draft.name, { text: event.currentTarget.value })}
            />
            <label>
              <input
                type="checkbox"
                checked={draft.isUnset}
                onChange={(event) => change(draft.name, { isUnset: event.currentTarget.checked })}
              />{" "}
              leave out
            </label>
          </li>
        ))}
        <li>
          <label for="edit-added">Another one</label>
          <input
            id="edit-added"
            class="code"
            value={added}
            placeholder={letter.editable === "event" ? "data.phone" : "phone"}
            onInput={(event) => setAdded(event.currentTarget.value)}
          />
          <button
            type="button"
            disabled={added.trim() === "" || drafts.some(({ name }) => name === added.trim())}
            onClick={() => {
              setDrafts([...drafts, { name: added.trim(), before: null, text: "", isUnset: false }]);
              setAdded("");
            }}
          >
            Add
          </button>
        </li>
      </ul>
      <p class="soft" style={{ margin: ".6rem 0" }}>
        Text stands as it is; numbers, <code>true</code>, <code>null</code>, lists and objects as in JSON. For the text{" "}
        <code>12</code> write <code>"12"</code>.
      </p>
      <div class="acts">
        <button class="main" disabled={edit === null}>
          Plan the replay
        </button>
        <button type="button" onClick={onCancel}>
          Leave it as it is
        </button>
      </div>
    </form>
  );
}
