import type { Database } from "@sluice/runtime";
import { RULINGS, isStorableText } from "@sluice/zendesk";
import type { Condition, Selection } from "../records/record-list.ts";
import { pattern } from "./filter-condition.ts";

/** Whether the database has trigrams, which find names that are nearly the same. */
export async function hasTrigrams(database: Database): Promise<boolean> {
  const rows = await database.query("select 1 from pg_class where oid = to_regclass('records.record_name_parts')");
  return rows.length > 0;
}

const WORDS = "records.words(record.name, record.external_id, record.fields)";

/**
 * The records of which a word begins like a word of the query (§8.6); with trigrams also those whose name is nearly
 * what was asked for. `*` and nothing mean everything.
 */
export async function textSelection(database: Database, query: string | null, trigrams: boolean): Promise<Selection> {
  const text = (query ?? "").trim();
  if (text === "" || text === "*") return EVERYTHING;
  if (!isStorableText(text)) return { condition: () => "false" };
  const words = await prefixesOf(database, text);
  const fits: Condition = (bind) => {
    const conditions = [
      ...(words === null ? [] : [`${WORDS} @@ ${bind(words)}::tsquery`]),
      ...(trigrams ? [`record.name %> ${bind(text)}::text`] : []),
    ];
    return conditions.length === 0 ? "false" : `(${conditions.join(" or ")})`;
  };
  const relevance: Condition = (bind) => {
    const scores = [
      ...(words === null ? [] : [`ts_rank(${WORDS}, ${bind(words)}::tsquery)`]),
      ...(trigrams ? [`word_similarity(${bind(text)}::text, record.name)`] : []),
    ];
    return scores.length === 0 ? "0" : scores.join(" + ");
  };
  return { condition: fits, relevance, most: RULINGS.relevantHits };
}

/** The records whose name has this fragment (§8.8): those that begin with it first, then those of which a word does. */
export function nameSelection(fragment: string | null): Selection {
  if (fragment === null || fragment === "") return EVERYTHING;
  if (!isStorableText(fragment)) return { condition: () => "false" };
  return {
    condition: (bind) => `record.name ilike ${bind(pattern(fragment))}::text`,
    relevance: (bind) => `case when record.name ilike ${bind(pattern(fragment, { from: "" }))}::text then 2
      when record.name ilike ${bind(pattern(fragment, { from: "% " }))}::text then 1 else 0 end`,
    most: RULINGS.relevantHits,
  };
}

const EVERYTHING: Selection = { condition: () => "true", most: RULINGS.relevantHits };

/**
 * `'word':* | …` for the words of a text, as the index cuts texts into words: with and without its punctuation.
 * Asked before the search itself, so that the search is planned for the words that it looks for.
 */
async function prefixesOf(database: Database, text: string): Promise<string | null> {
  const [row] = await database.query<{ words: string | null }>(
    `select string_agg('''' || replace(replace(lexeme, '\\', '\\\\'), '''', '''''') || ''':*', ' | ') as words
     from (
       select lexeme from unnest(to_tsvector('simple', $1::text))
       union select lexeme from unnest(to_tsvector('simple', translate($1::text, '-_./:#@', '       ')))
     ) as lexemes`,
    [text],
  );
  return row?.words ?? null;
}
