/** Runs jobs beside one another, and jobs that may have nothing beside them. */
export type ReadersWriterLock = {
  shared<T>(work: () => Promise<T>): Promise<T>;
  /** Waits until nothing else is under way, and lets nothing begin meanwhile. */
  exclusive<T>(work: () => Promise<T>): Promise<T>;
};

export function createReadersWriterLock(): ReadersWriterLock {
  const underWay = new Set<Promise<unknown>>();
  let last: Promise<unknown> = Promise.resolve();

  async function tracked<T>(work: () => Promise<T>): Promise<T> {
    const working = work();
    const settled = working.catch(() => {});
    underWay.add(settled);
    try {
      return await working;
    } finally {
      underWay.delete(settled);
    }
  }

  return {
    async shared(work) {
      for (let before; before !== last;) {
        before = last;
        await before;
      }
      return await tracked(work);
    },
    async exclusive(work) {
      const before = last;
      const working = (async () => {
        await before;
        await Promise.all(underWay);
        return await work();
      })();
      last = working.catch(() => {});
      return await working;
    },
  };
}
