import type { Database } from "@sluice/runtime";
import { RULINGS } from "@sluice/zendesk";
import type { Bind, Condition, Relevance, Selection } from "../records/record-list.ts";
import { pattern } from "./filter-condition.ts";

/** Whether the database has trigrams, which find names that are nearly the same. */
export async function hasTrigrams(database: Database): Promise<boolean> {
  const rows = await database.query("select 1 from pg_class where oid = to_regclass('records.record_name_parts')");
  return rows.length > 0;
}

const WORDS = "records.words(record.name, record.external_id, record.fields)";

/**
 * Records with a word that begins like a word of the query (§8.6); with trigrams also records whose name is nearly
 * the query. `*` and an empty query mean everything.
 */
export async function textSelection(database: Database, query: string | null, trigrams: boolean): Promise<Selection> {
  const text = (query ?? "").trim();
  if (text === "" || text === "*") return EVERYTHING;
  const prefixes = await prefixesOf(database, text);
  const any = [...prefixes.words, ...prefixes.others];
  const tsquery =
    (words: string): Condition =>
    (bind) =>
      `${WORDS} @@ ${bind(words)}::tsquery`;
  const tiers: Condition[] = [
    // A frequent word has more records than can be looked at: records with all words must not be missed.
    ...(prefixes.words.length < 2 ? [] : [tsquery(prefixes.words.join(" & "))]),
    ...(any.length === 0 ? [] : [tsquery(any.join(" | "))]),
    ...(trigrams ? [(bind: Bind) => `record.name %> ${bind(text)}::text`] : []),
  ];
  if (tiers.length === 0) return NOTHING;
  const closeness: Condition = (bind) => `word_similarity(${bind(text)}::text, hit.name)`;
  return selectionOf({ tiers, most: RULINGS.relevantHits, ...(trigrams ? { closeness } : {}) });
}

/** Records whose name has this fragment (§8.8): first names that begin with it, then names with a word that does. */
export function nameSelection(fragment: string | null): Selection {
  if (fragment === null || fragment === "") return EVERYTHING;
  const like =
    (from: string): Condition =>
    (bind) =>
      `record.name ilike ${bind(pattern(fragment, { from }))}::text`;
  return selectionOf({ tiers: [like(""), like("% "), like("%")], most: RULINGS.relevantHits });
}

/** The selection's records that pass the filter, too. */
export function narrowedBy({ condition, relevance }: Selection, filter: Condition): Selection {
  const both =
    (each: Condition): Condition =>
    (bind, definition) =>
      `(${each(bind, definition)}) and (${filter(bind, definition)})`;
  return {
    condition: both(condition),
    ...(relevance === undefined ? {} : { relevance: { ...relevance, tiers: relevance.tiers.map(both) } }),
  };
}

/** The records that fit one of the tiers. */
function selectionOf(relevance: Relevance): Selection {
  return {
    condition: (bind, definition) => relevance.tiers.map((tier) => tier(bind, definition)).join(" or "),
    relevance,
  };
}

const EVERYTHING = selectionOf({ tiers: [() => "true"], most: RULINGS.relevantHits });
const NOTHING = selectionOf({ tiers: [() => "false"], most: RULINGS.relevantHits });

/** `'word':*` for each word of a text; `words` as the index cuts names, `others` as it cuts the texts of fields. */
type Prefixes = { readonly words: readonly string[]; readonly others: readonly string[] };

/** The prefixes are asked for before the search itself, so that the search is planned for its very words. */
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
