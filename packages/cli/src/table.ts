import { printable } from "./printable.ts";

/** Rows as lines with aligned columns, two spaces between them; the first row is underlined. */
export function table(cells: readonly (readonly string[])[]): string {
  const rows = cells.map((row) => row.map(printable));
  const widths = (rows[0] ?? []).map((_, column) =>
    // There may be more rows than a call has room for arguments.
    rows.reduce((most, row) => Math.max(most, [...(row[column] ?? "")].length), 0),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - [...cell].length))
      .join("  ")
      .trimEnd();
  const [head, ...body] = rows;
  if (head === undefined) return "";
  return [line(head), widths.map((width) => "─".repeat(width)).join("  "), ...body.map(line)].join("\n");
}
