/** The tag that all keys of a destination's first lane share, so that they live on one shard of a cluster. */
export function laneTag(namespace: string, destination: string): string {
  return `{${namespace}:${destination}}`;
}

/** The text between a destination's name and the place of a lane; no name of a destination or a source has it. */
const PLACE = ":~";

/** The tag of a destination's lane. The first is that of a destination with one lane. */
export function partTag(namespace: string, destination: string, place: number): string {
  return laneTag(namespace, place === 0 ? destination : `${destination}${PLACE}${place}`);
}

export function partTags(namespace: string, destination: string, lanes: number): readonly string[] {
  return Array.from({ length: lanes }, (_, place) => partTag(namespace, destination, place));
}

/** Whether the name is that of a destination's further lane, and so of no destination. */
export function isFurtherLane(name: string): boolean {
  return name.includes(PLACE);
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/**
 * The place of the lane in which a record, or an event's dead letter, lives: the leading bits of the first character that is random in
 * the ids of both. With twice the lanes, each one's records are those of two.
 * @param lanes a power of two, 64 at most
 */
export function placeOf(id: string, lanes: number): number {
  return lanes === 1 ? 0 : Math.floor((Math.max(0, DIGITS.indexOf(id.charAt(2))) * lanes) / DIGITS.length);
}
