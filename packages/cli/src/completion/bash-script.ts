import type { CommandNode } from "./command-tree.ts";
import { pathPatterns, valueOptions, optionValues } from "./places.ts";

/** The script that bash loads. Where it knows nothing, bash completes names of files. */
export function bashScript(tree: readonly CommandNode[]): string {
  const words = tree.map(({ path, children, options, values }) => {
    const all = [...children.map(({ name }) => name), ...values, ...options.map(({ flag }) => flag)];
    return `    ${quoted(path)}) words=${quoted(all.join(" "))} ;;`;
  });
  const values = optionValues(tree).map(
    ({ place, values: each }) =>
      `    ${quoted(place)}) COMPREPLY=($(compgen -W ${quoted(each.join(" "))} -- "$cur")); return ;;`,
  );
  return `# bash completion of sluice
_sluice() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" path="" before="" words="" word at
  COMPREPLY=()
  for ((at = 1; at < COMP_CWORD; at++)); do
    word="\${COMP_WORDS[at]}"
    # The value of an option is no command.
    case "$path:$before" in
    ${alternatives(valueOptions(tree))}) before="" ; continue ;;
    esac
    before="$word"
    case "$path $word" in
${pathPatterns(tree)
  .map(({ from, path }) => `    ${quoted(from)}) path=${quoted(path)} ;;`)
  .join("\n")}
    esac
  done
  case "$path:$before" in
${values.join("\n")}
    ${alternatives(valueOptions(tree))}) return ;;
  esac
  case "$path" in
${words.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _sluice sluice
`;
}

function alternatives(texts: readonly string[]): string {
  return texts.map(quoted).join(" | ");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
