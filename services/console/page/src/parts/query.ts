import { useLocation } from "preact-iso";

/** The query of the page's address. Setting a part is a step that the browser's back button takes back; the view stays where it is. */
export function useQueryPart(): [Readonly<Record<string, string>>, (part: Readonly<Record<string, string>>) => void] {
  const { path, query, route } = useLocation();
  const set = (part: Readonly<Record<string, string>>) => route(`${path}${queryText({ ...query, ...part })}`);
  return [query, set];
}

export function queryText(query: Readonly<Record<string, string>>): string {
  const text = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== "")).toString();
  return text === "" ? "" : `?${text}`;
}
