/**
 * Gathers what concurrent callers hand in while a commit is under way, and commits it together: the
 * cost of a commit is shared, and a lone caller waits for nobody.
 */
export type GroupCommit<Item, Answer> = {
  /** Resolves with the item's own answer once its group was committed; rejects if that failed. */
  add(item: Item): Promise<Answer>;
  /** Items that wait for a group. */
  readonly waiting: number;
};

export type GroupCommitOptions<Item, Answer> = {
  /** Answers in the order of the group. */
  readonly commit: (group: readonly Item[]) => Promise<readonly Answer[]>;
  readonly maxItems: number;
  /** Of a group; one item may be larger. */
  readonly maxBytes?: number;
  readonly bytesOf?: (item: Item) => number;
  /** Of items with one key a group has one; the others wait, in their order. Undefined: an item like no other. */
  readonly keyOf?: (item: Item) => string | undefined;
};

export function groupCommit<Item, Answer>(options: GroupCommitOptions<Item, Answer>): GroupCommit<Item, Answer> {
  type Waiting = { item: Item; resolve: (answer: Answer) => void; reject: (error: unknown) => void };
  let queue: Waiting[] = [];
  let running = false;
  const { commit, maxItems, maxBytes = Number.POSITIVE_INFINITY, bytesOf = () => 0, keyOf = () => undefined } = options;

  const takeGroup = (): Waiting[] => {
    const group: Waiting[] = [];
    const left: Waiting[] = [];
    const keys = new Set<string>();
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

  const drain = async (): Promise<void> => {
    while (queue.length > 0) {
      const group = takeGroup();
      try {
        const answers = await commit(group.map(({ item }) => item));
        for (const [index, each] of group.entries()) each.resolve(answers[index]!);
      } catch (error) {
        for (const each of group) each.reject(error);
      }
    }
    running = false;
  };

  return {
    async add(item) {
      return await new Promise<Answer>((resolve, reject) => {
        queue.push({ item, resolve, reject });
        if (running) return;
        running = true;
        // One turn later, so that all that one request hands in, and requests read in the same turn,
        // go together.
        setImmediate(() => void drain());
      });
    },
    get waiting() {
      return queue.length;
    },
  };
}
