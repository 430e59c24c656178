/**
 * Gathers the items of concurrent callers while a commit is under way, and commits them together: the
 * cost of a commit is shared, and a lone caller waits for nobody.
 */
export type GroupCommit<Item, Answer> = {
  /** Resolves with the item's own answer once its group was committed; rejects if the commit failed. */
  add(item: Item): Promise<Answer>;
  /** Items that wait for a group. */
  readonly waiting: number;
};

export type GroupCommitOptions<Item, Answer> = {
  /** Commits a group. Its answers stand in the order of the group. */
  readonly commit: (group: readonly Item[]) => Promise<readonly Answer[]>;
  readonly maxItems: number;
  /** The bytes of a group at most; a single item may be larger. */
  readonly maxBytes?: number;
  readonly bytesOf?: (item: Item) => number;
  /** The key of an item: one item of a key is under way at a time; the others wait, in their order. Undefined: the item has none. */
  readonly keyOf?: (item: Item) => string | undefined;
  /** Further groups may be under way beside the first, once so many items wait. */
  readonly beside?: { readonly groups: number; readonly atWaiting: number };
};

export function groupCommit<Item, Answer>(options: GroupCommitOptions<Item, Answer>): GroupCommit<Item, Answer> {
  type Waiting = { item: Item; resolve: (answer: Answer) => void; reject: (error: unknown) => void };
  const { commit, maxItems, maxBytes = Number.POSITIVE_INFINITY, bytesOf = () => 0, keyOf = () => undefined } = options;
  const { groups, atWaiting } = options.beside ?? { groups: 0, atWaiting: 0 };
  let queue: Waiting[] = [];
  let running = 0;
  let scheduled = false;
  const keysUnderWay = new Set<string>();

  const takeGroup = (): Waiting[] => {
    const group: Waiting[] = [];
    const left: Waiting[] = [];
    const keys = new Set(keysUnderWay);
    let bytes = 0;
    let full = false;
    for (const each of queue) {
      const key = keyOf(each.item);
      const again = key !== undefined && keys.has(key);
      if (!again && !full) {
        const more = bytes + bytesOf(each.item);
        full = group.length >= maxItems || (group.length > 0 && more > maxBytes);
        if (!full) bytes = more;
      }
      (again || full ? left : group).push(each);
      if (key !== undefined) keys.add(key);
    }
    queue = left;
    return group;
  };

  const run = async (group: readonly Waiting[]): Promise<void> => {
    const keys = group.map(({ item }) => keyOf(item)).filter((key) => key !== undefined);
    for (const key of keys) keysUnderWay.add(key);
    try {
      const answers = await commit(group.map(({ item }) => item));
      for (const [index, each] of group.entries()) each.resolve(answers[index]!);
    } catch (error) {
      for (const each of group) each.reject(error);
    }
    for (const key of keys) keysUnderWay.delete(key);
    running -= 1;
    start();
  };

  const mayStart = (): boolean =>
    queue.length > 0 && (running === 0 || (running <= groups && queue.length >= atWaiting));

  const start = (): void => {
    while (mayStart()) {
      const group = takeGroup();
      if (group.length === 0) return;
      running += 1;
      void run(group);
    }
  };

  return {
    add(item) {
      return new Promise<Answer>((resolve, reject) => {
        queue.push({ item, resolve, reject });
        if (scheduled || !mayStart()) return;
        scheduled = true;
        // One turn later, so that all items of one request, and of requests read in the same turn,
        // go together.
        setImmediate(() => {
          scheduled = false;
          start();
        });
      });
    },
    get waiting() {
      return queue.length;
    },
  };
}
