import { useEffect, useState } from "preact/hooks";
import { OUTCOME_WORDS } from "../parts/outcome.tsx";
import { useSession } from "../session.ts";
import type { FilterName } from "./filter.ts";

type Filter = Partial<Record<FilterName, string>>;
const FURTHER = ["type", "code", "destination", "object", "since", "until"] as const;

type FilterFormProps = {
  readonly filter: Filter;
  readonly onChange: (part: Readonly<Record<string, string>>) => void;
};

/** The filters of a search. A choice holds at once; what is typed holds when it is sent. */
export function FilterForm({ filter, onChange }: FilterFormProps) {
  const { sources, destinations } = useSession();
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const [isWide, setWide] = useState(FURTHER.some((name) => filter[name] !== undefined));
  const asked = JSON.stringify(filter);
  useEffect(() => setTyped({}), [asked]);
  const text = (name: FilterName, label: string, placeholder: string) => (
    <label>
      <span class="label">{label}</span>
      <input
        name={name}
        placeholder={placeholder}
        value={typed[name] ?? filter[name] ?? ""}
        onInput={(event) => setTyped({ ...typed, [name]: event.currentTarget.value })}
      />
    </label>
  );
  const choice = (name: FilterName, label: string, values: readonly (readonly [value: string, says: string])[]) => (
    <label>
      <span class="label">{label}</span>
      <select
        name={name}
        value={filter[name] ?? ""}
        onChange={(event) => onChange({ ...typed, [name]: event.currentTarget.value })}
      >
        <option value="">all</option>
        {values.map(([value, says]) => (
          <option key={value} value={value}>
            {says}
          </option>
        ))}
        {filter[name] !== undefined && !values.some(([value]) => value === filter[name]) && (
          <option value={filter[name]}>{filter[name]}</option>
        )}
      </select>
    </label>
  );
  const objects = [...new Set(destinations.flatMap((each) => each.objects))];
  return (
    <form
      class="search"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        onChange(typed);
      }}
    >
      <div class="filters">
        {text("key", "Record’s key, all of it", "4711")}
        {text("event", "Event’s id, all of it", "evt_1042")}
        {text("text", "Text in the body", "müller@example.com")}
        {choice("source", "Source", sources.map(alike))}
        {choice(
          "outcome",
          "Outcome",
          Object.entries(OUTCOME_WORDS).map(([word, { says }]) => [word, `${word}: ${says}`] as const),
        )}
        {isWide && (
          <>
            {text("type", "Type, all of it", "customer.updated")}
            {text("code", "Reason that it is dead", "target_invalid")}
            {choice(
              "destination",
              "Destination",
              destinations.map(({ name }) => alike(name)),
            )}
            {choice("object", "Object", objects.map(alike))}
            {text("since", "Since", "2h, 7d, 2026-11-28T08:00Z")}
            {text("until", "Until", "1h")}
          </>
        )}
      </div>
      <div class="acts">
        <button class="main">Find</button>
        {!isWide && (
          <button type="button" class="plain" onClick={() => setWide(true)}>
            Type, reason, destination, time
          </button>
        )}
        {Object.keys(filter).length > 0 && (
          <a class="button" href="/events">
            Clear
          </a>
        )}
      </div>
    </form>
  );
}

function alike(value: string): readonly [string, string] {
  return [value, value];
}
