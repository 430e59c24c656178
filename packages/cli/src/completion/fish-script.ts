import type { CommandNode } from "./command-tree.ts";
import { pathPatterns, valueOptions } from "./places.ts";

/** The script that fish loads. Names of files are completed as the values of options of which nothing else is known. */
export function fishScript(tree: readonly CommandNode[]): string {
  const lines = tree.flatMap(({ path, children, options, values }) => {
    const here = `complete -c sluice -n ${quoted(`__sluice_at ${quoted(path)}`)}`;
    return [
      ...children.map(({ name, says }) => `${here} -f -a ${name} -d ${quoted(says)}`),
      ...(values.length === 0 ? [] : [`${here} -f -a ${quoted(values.join(" "))}`]),
      ...options.map(({ flag, says, takesValue, values: each }) => {
        const known = each.length === 0 ? "" : ` -f -a ${quoted(each.join(" "))}`;
        return `${here} -l ${flag.replace(/^--/, "")}${takesValue ? " -r" : ""}${known} -d ${quoted(says)}`;
      }),
    ];
  });
  return `# fish completion of sluice
function __sluice_at --argument-names wanted
    set -l place ''
    set -l before ''
    set -l typed (commandline -opc)
    for word in $typed[2..]
        # The value of an option is no command.
        if contains -- "$place:$before" ${valueOptions(tree).map(quoted).join(" ")}
            set before ''
            continue
        end
        set before $word
        switch "$place $word"
${pathPatterns(tree)
  .map(({ from, path }) => `            case ${quoted(from)}\n                set place ${quoted(path)}`)
  .join("\n")}
        end
    end
    test "$place" = "$wanted"
end
${lines.join("\n")}
`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", String.raw`\'`)}'`;
}
