import type { CommandNode } from "./command-tree.ts";
import { pathPatterns, valueOptions, optionValues } from "./places.ts";

/** The script that zsh loads, behind `compinit`. Where it knows nothing, names of files are completed. */
export function zshScript(tree: readonly CommandNode[]): string {
  const items = tree.map(({ path, children, options, values }) => {
    const all = [
      ...children.map(({ name, says }) => `${name}:${says}`),
      ...values,
      ...options.map(({ flag, says }) => `${flag}:${says}`),
    ];
    return `    ${quoted(path)}) items=(${all.map(quoted).join(" ")}) ;;`;
  });
  const values = optionValues(tree).map(
    ({ place, values: each }) => `    ${quoted(place)}) compadd -- ${each.map(quoted).join(" ")}; return ;;`,
  );
  return `#compdef sluice
_sluice() {
  local place="" before="" word
  local -a items
  for word in "\${(@)words[2,CURRENT-1]}"; do
    # The value of an option is no command.
    case "$place:$before" in
    ${alternatives(valueOptions(tree))}) before=""; continue ;;
    esac
    before="$word"
    case "$place $word" in
${pathPatterns(tree)
  .map(({ from, path }) => `    ${quoted(from)}) place=${quoted(path)} ;;`)
  .join("\n")}
    esac
  done
  case "$place:$before" in
${values.join("\n")}
    ${alternatives(valueOptions(tree))}) _files; return ;;
  esac
  case "$place" in
${items.join("\n")}
  esac
  _describe sluice items || _files
}
compdef _sluice sluice
`;
}

function alternatives(texts: readonly string[]): string {
  return texts.map(quoted).join(" | ");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
