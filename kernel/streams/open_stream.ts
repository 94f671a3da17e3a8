import type { Clock } from "../clock.ts";
import type { RingLimits } from "../fanout/byte_ring.ts";
import type { Flusher } from "../fanout/flusher.ts";
import type { Logger } from "../log/log.ts";
import { streamId, type StreamKey } from "../names.ts";
import type { HookBus } from "../plugin/hooks.ts";
import type { Closed } from "../reasons.ts";
import { endFigures } from "../sessions/end_figures.ts";
import { LiveStream, type StreamHost } from "./live_stream.ts";

/** What all streams of an isolate are made with. */
export interface StreamParts {
  readonly clock: Clock;
  readonly flusher: Flusher;
  readonly log: Logger;
  readonly hooks: HookBus;
  /** How much of a stream that begins now is kept. */
  readonly ring: RingLimits;
}

/** What a stream has of its own. */
export type OwnParts =
  & Pick<StreamHost, "graceMs" | "onGone" | "onInterrupt">
  & Partial<Pick<StreamHost, "isMended" | "onEnd">>;

/** Makes a stream of which plugins hear what it is made of and, unless `own` does otherwise, that it has ended. */
export function openStream(
  key: StreamKey,
  { clock, flusher, log, hooks, ring }: StreamParts,
  own: OwnParts,
): LiveStream {
  return new LiveStream(key, {
    clock,
    flusher,
    log: log.child("stream").with({ stream: streamId(key.vhost, key.app, key.name) }),
    limits: ring,
    onEnd: (stream, closed) => tellEnd(hooks, stream, closed),
    onTrack: (stream, packet) => hooks.tell("stream:track", { stream, packet }),
    onConfig: (stream, packet) => hooks.tell("stream:config", { stream, packet }),
    onMetadata: (stream, packet) => hooks.tell("stream:metadata", { stream, packet }),
    ...own,
  });
}

/** Tells plugins that a stream has ended. */
export function tellEnd(hooks: HookBus, stream: LiveStream, closed: Closed): void {
  hooks.tell("stream:end", { stream, ...endFigures(closed, stream.seconds, stream.facts.bytes) });
}
