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

export function groupCommit<Item, Answer>(options: {
  readonly commit: (group: readonly Item[]) => Promise<readonly Answer[]>;
  readonly maxItems: number;
  readonly maxBytes: number;
  readonly bytesOf: (item: Item) => number;
}): GroupCommit<Item, Answer> {
  type Waiting = { item: Item; resolve: (answer: Answer) => void; reject: (error: unknown) => void };
  let queue: Waiting[] = [];
  let running = false;

  const takeGroup = (): Waiting[] => {
    let bytes = 0;
    let count = 0;
    while (count < queue.length && count < options.maxItems) {
      bytes += options.bytesOf(queue[count]!.item);
      if (count > 0 && bytes > options.maxBytes) break;
      count += 1;
    }
    const group = queue.slice(0, count);
    queue = queue.slice(count);
    return group;
  };

  const drain = async (): Promise<void> => {
    while (queue.length > 0) {
      const group = takeGroup();
      try {
        const answers = await options.commit(group.map(({ item }) => item));
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
        // One turn later, so that all changes of one request, and of requests read in the same turn,
        // go together.
        setImmediate(() => void drain());
      });
    },
    get waiting() {
      return queue.length;
    },
  };
}
