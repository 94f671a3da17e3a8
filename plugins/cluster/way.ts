import type { HeldStream } from "./report.ts";
import type { ClusterView } from "./view.ts";

/** No way is longer than a report may name. */
const MOST_NODES = 64;

/**
 * The nodes that a stream comes through to one that has it from `first`, the nearest first, as each of them says by now: where a
 * node has a stream from may change while it goes on sending it. Of nodes that are not known any more counts what the ones before
 * them said. A way that leads back ends where it does.
 *
 * `last` is what `first` said of the stream when it was known last.
 */
export function wayOf(
  view: Pick<ClusterView, "held">,
  stream: string,
  first: string,
  last: HeldStream,
  own: string,
): readonly string[] {
  const way = [first];
  let held = view.held(first, stream) ?? last;
  while (way.length < MOST_NODES) {
    const [next, ...behind] = held.via;
    if (next === undefined || way.includes(next)) return way;
    way.push(next);
    if (next === own) return way;
    const known = view.held(next, stream);
    if (!known) return [...way, ...behind.filter((id) => !way.includes(id))].slice(0, MOST_NODES);
    held = known;
  }
  return way;
}
