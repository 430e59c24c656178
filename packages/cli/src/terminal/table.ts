import { printable } from "./printable.ts";

/**
 * Rows as lines with aligned columns, two spaces between them; the first row is underlined. Where a row would take more than two lines of the
 * terminal each is a block of its own, with a cell in each line.
 * @param columns of the terminal
 */
export function table(cells: readonly (readonly string[])[], columns: number = ownColumns()): string {
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
  if (widths.reduce((sum, width) => sum + width + 2, -2) > 2 * columns) return blocks(head, body);
  return [line(head), widths.map((width) => "─".repeat(width)).join("  "), ...body.map(line)].join("\n");
}

function ownColumns(): number {
  // A terminal without a size says 0.
  return (process.stdout.isTTY && process.stdout.columns) || Infinity;
}

function blocks(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const width = Math.max(...head.map((cell) => cell.length));
  const block = (row: readonly string[]): string =>
    row.flatMap((cell, column) => (cell === "" ? [] : [`${(head[column] ?? "").padEnd(width)}  ${cell}`])).join("\n");
  return rows.map(block).join("\n\n");
}
