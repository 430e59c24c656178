import type { CommandNode } from "./command-tree.ts";

/** By `path word` the path that the word leads to. The first level's begin with a space. */
export function pathPatterns(
  tree: readonly CommandNode[],
): readonly { readonly from: string; readonly path: string }[] {
  return tree.flatMap(({ path, children }) =>
    children.map(({ name }) => ({ from: `${path} ${name}`, path: path === "" ? name : `${path} ${name}` })),
  );
}

/** `path:--option` of each option that takes a value. */
export function valueOptions(tree: readonly CommandNode[]): readonly string[] {
  return tree.flatMap(({ path, options }) =>
    options.filter(({ takesValue }) => takesValue).map(({ flag }) => `${path}:${flag}`),
  );
}

/** `path:--option` of each option whose values are known, with them. */
export function optionValues(
  tree: readonly CommandNode[],
): readonly { readonly place: string; readonly values: readonly string[] }[] {
  return tree.flatMap(({ path, options }) =>
    options.filter(({ values }) => values.length > 0).map(({ flag, values }) => ({ place: `${path}:${flag}`, values })),
  );
}
