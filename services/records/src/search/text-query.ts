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
  const prefixes = await prefixesOf(database, text);
  const any = [...prefixes.words, ...prefixes.others];
  const words = any.length === 0 ? null : any.join(" | ");
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
  // Of a frequent word's records there are more than can be looked at: those with all words must not be missed.
  const first: Condition = (bind) => `${WORDS} @@ ${bind(prefixes.words.join(" & "))}::tsquery`;
  return { condition: fits, relevance, most: RULINGS.relevantHits, ...(prefixes.words.length < 2 ? {} : { first }) };
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

/** `'word':*` for each word of a text; `words` as the index cuts names, `others` as it cuts the texts of fields. */
type Prefixes = { readonly words: readonly string[]; readonly others: readonly string[] };

/** Asked before the search itself, so that the search is planned for the words that it looks for. */
async function prefixesOf(database: Database, text: string): Promise<Prefixes> {
  const rows = await database.query<{ prefix: string; own: boolean }>(
    `select '''' || replace(replace(lexeme, '\\', '\\\\'), '''', '''''') || ''':*' as prefix, bool_or(own) as own
     from (
       select lexeme, true as own from unnest(to_tsvector('simple', translate($1::text, '-_./:#@', '       ')))
       union all select lexeme, false from unnest(to_tsvector('simple', $1::text))
     ) as lexemes group by lexeme`,
    [text],
  );
  const which = (wanted: boolean) => rows.filter(({ own }) => own === wanted).map(({ prefix }) => prefix);
  return { words: which(true), others: which(false) };
}
