/** A JSON value as it is written, indented; its names in the accent. */
export function JsonText({ value, named }: { readonly value: unknown; readonly named?: string }) {
  const text = written(value);
  return (
    <pre class="json" tabIndex={0} {...(named === undefined ? {} : { role: "region", "aria-label": named })}>
      {text.split(NAME).map((part, place) => (place % 2 === 1 ? <b key={place}>{part}</b> : part))}
    </pre>
  );
}

/** A value within a line of text. */
export function Value({ value }: { readonly value: unknown }) {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing");
  if (text === "") return <span class="soft">empty text</span>;
  return <span class="code">{text}</span>;
}

/** A value as text: JSON is laid out as such, any other text stays as it came. */
export function written(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value, null, 2) ?? "";
  try {
    return JSON.stringify(JSON.parse(value), null, 2);
  } catch {
    return value;
  }
}

const NAME = /^(\s*"(?:[^"\\]|\\.)*")(?=: )/m;
