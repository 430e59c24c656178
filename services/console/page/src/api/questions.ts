import { QueryClient, useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/preact-query";
import { ApiFault, call, type AnswerOf, type QuestionOf } from "./call.ts";
import type { CallName } from "./routes.ts";

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 2_000,
        // A no of the API is the same the next time. An API that is away or busy is asked again.
        retry: (failures, error) => isPassing(error) && failures < 2,
        retryDelay: 1_000,
        networkMode: "always",
      },
      mutations: { networkMode: "always" },
    },
  });
}

function isPassing(error: unknown): boolean {
  return error instanceof ApiFault && (error.status === 0 || error.code === "queue_unavailable");
}

type AskOptions = { readonly isOff?: boolean; readonly everyMs?: number | false };
type AnswerOptions<Name extends CallName> = Omit<AskOptions, "everyMs"> & {
  /** How often the question is asked again; it may depend on the last answer. */
  readonly everyMs?: number | false | ((answer: AnswerOf<Name> | undefined, fault: ApiFault | null) => number | false);
};

/** Asks, and keeps the answer under the call's name and its question. */
export function useAnswer<Name extends CallName>(
  name: Name,
  question: QuestionOf<Name> = {},
  { isOff = false, everyMs = false }: AnswerOptions<Name> = {},
) {
  return useQuery<AnswerOf<Name>, ApiFault>({
    queryKey: [name, question],
    queryFn: async ({ signal }) => await call(name, question, signal),
    enabled: !isOff,
    refetchInterval: typeof everyMs === "function" ? ({ state }) => everyMs(state.data, state.error) : everyMs,
  });
}

/** The calls whose answers are lists that go on. */
export type ListName = "findLetters" | "listAudit" | "findEvents" | "getTimeline" | "listReplays" | "listReconciles";

type Page = { readonly items: readonly unknown[]; readonly next: string | null; readonly searchedTo: string | null };
type Item<Name extends ListName> = Extract<AnswerOf<Name>, Page>["items"][number];

/** A list, page by page. It is asked for again only as long as its first page is all that is shown. */
export function useList<Name extends ListName>(
  name: Name,
  question: QuestionOf<Name> = {},
  { isOff = false, everyMs = false }: AskOptions = {},
) {
  const list = useInfiniteQuery({
    queryKey: [name, question],
    queryFn: async ({ signal, pageParam }) => {
      const query = { ...question.query, ...(pageParam === null ? {} : { cursor: pageParam }) };
      return (await call<Name>(name, { ...question, query } as QuestionOf<Name>, signal)) as Page;
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    enabled: !isOff,
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) > 1 ? false : everyMs),
  });
  const pages = list.data?.pages ?? [];
  return {
    items: pages.flatMap((page) => page.items as Item<Name>[]),
    pages: pages.length,
    searchedTo: pages.at(-1)?.searchedTo ?? null,
    isPending: list.isPending,
    isGoingOn: list.isFetchingNextPage,
    hasMore: list.hasNextPage,
    error: list.error as ApiFault | null,
    again: list.refetch,
    goOn: () => void list.fetchNextPage(),
  };
}

/** Asks for something that changes nothing, when it is told to: a plan, a trial. */
export function useOnDemand<Name extends CallName>(name: Name) {
  return useMutation<AnswerOf<Name>, ApiFault, QuestionOf<Name>>({
    mutationFn: async (question) => await call(name, question),
  });
}

/** Asks for a change. Every answer on the page is asked for anew afterwards, also when the change failed. */
export function useChange<Name extends CallName>(name: Name, done?: (answer: AnswerOf<Name>) => void) {
  const client = useQueryClient();
  return useMutation<AnswerOf<Name>, ApiFault, QuestionOf<Name>>({
    mutationFn: async (question) => await call(name, question),
    onSuccess: (answer) => done?.(answer),
    onSettled: () => void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== "getSession" }),
  });
}
