/** For how long places for requests were taken, summed over the places: looks at it now and then miss nothing that was between them. */
export type PlaceTime = {
  /** From now on so many places are taken. */
  take(places: number): void;
  /** Seconds up to now, of places that are taken still among them. */
  seconds(): number;
};

export function createPlaceTime(nowMs: () => number): PlaceTime {
  let taken = 0;
  let sumMs = 0;
  let sinceMs = nowMs();
  const seconds = (): number => (sumMs + taken * (nowMs() - sinceMs)) / 1000;
  return {
    take(places) {
      sumMs = seconds() * 1000;
      sinceMs = nowMs();
      taken = places;
    },
    seconds,
  };
}
