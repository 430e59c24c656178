/** The history's side of reading letters that stand there. */
export type FiledArchive = {
  page(
    filter: ArchiveFilter,
    standing: Standing,
    asked: PageAsked,
  ): Promise<{
    readonly letters: readonly InRow[];
    readonly next: PageAsked["before"];
  }>;
  named(id: string, standing: Omit<Standing, "ids">): Promise<readonly InRow[]>;
  rest(id: string, row: string): Promise<InRow | null>;
  forget(rows: readonly string[]): Promise<void>;
};

type InRow = {
  readonly row: string;
  readonly day: string;
  readonly id: string;
  readonly micros: number;
  readonly destination: string;
  readonly text: string;
};

type ArchiveFilter = {
  readonly destination?: string;
  readonly object?: string;
  readonly source?: string;
  readonly code?: string;
  readonly key?: string;
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
};

type Standing = { readonly left: readonly string[]; readonly back: readonly string[]; readonly ids: readonly string[] };
type PageAsked = {
  readonly by: "kept";
  readonly before: { readonly value: number; readonly id: string } | null;
  readonly limit: number;
};
