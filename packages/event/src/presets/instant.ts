/** The expression of a time that is written as `/Date(milliseconds)/`; another spelling stays as it is, to be read or told. */
export function instant(path: string): string {
  return `$contains(${path}, "/Date(") ? $fromMillis($number($match(${path}, /-?[0-9]+/)[0].match)) : ${path}`;
}
