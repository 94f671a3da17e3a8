import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import type { StreamJson } from "../../kernel/streams/stream_json.ts";
import { censusOf } from "../shared/census.ts";
import type { MetricSet, Sample } from "./registry.ts";

/** For so long one look at the streams serves all metrics of one scrape, in milliseconds. */
const FRESH_MS = 100;

/** Figures of the streams that are there: totals and, while that is wanted, each by itself. */
export function streamMetrics(set: MetricSet, ctx: PluginContext, isPerStream: () => boolean): void {
  const look = looker(ctx);
  set.gauge("streams", "Streams", () => {
    const counts = new Map<string, number>();
    for (const { state } of look()) counts.set(state, (counts.get(state) ?? 0) + 1);
    return Array.from(counts, ([state, value]) => ({ labels: { state }, value }));
  });
  set.gauge("viewers", "Players of all streams", () => [{ value: sum(look(), ({ viewers }) => viewers) }]);
  set.gauge("bits_in_per_second", "What all publishers send, over the last second", () => {
    return [{ value: sum(look(), ({ bitrate }) => bitrate["1s"]) }];
  });
  const census = censusOf(ctx);
  set.gauge("protocol_viewers", "Players of all streams by protocol", () => {
    const counts = new Map<string, number>();
    for (const { protocol, viewers } of census.crowds()) counts.set(protocol, (counts.get(protocol) ?? 0) + viewers);
    return Array.from(counts, ([protocol, value]) => ({ labels: { protocol }, value }));
  });
  set.gauge("stream_protocol_viewers", "Players of a stream by protocol", () => {
    if (!isPerStream()) return [];
    return Array.from(census.crowds(), ({ viewers: value, ...labels }) => ({ labels, value }));
  });
  eachStream(set, () => isPerStream() ? look() : []);
}

function eachStream(set: MetricSet, look: () => readonly StreamJson[]): void {
  const gauge = (name: string, help: string, valueOf: (stream: StreamJson) => number | undefined) => {
    set.gauge(`stream_${name}`, help, () => samples(look(), valueOf));
  };
  gauge("viewers", "Players of a stream", ({ viewers }) => viewers);
  gauge("bits_per_second", "What its publisher sends, over the last ten seconds", ({ bitrate }) => bitrate["10s"]);
  const counter = (name: string, help: string, valueOf: (stream: StreamJson) => number) => {
    set.reading(`stream_${name}`, help, () => samples(look(), valueOf));
  };
  counter("bytes_total", "Bytes since it began", ({ bytes }) => bytes);
  counter("packets_total", "Packets since it began", ({ packets }) => packets);
  counter("skips_total", "Jumps of players that were too slow", ({ skips }) => skips);
  counter("repairs_total", "Times that had to be mended", ({ repairs }) => {
    return Object.values(repairs).reduce((total, count) => total + count, 0);
  });
  gauge("frame_rate", "Pictures per second", (stream) => mainVideo(stream)?.frameRate);
  gauge("gop_seconds", "Seconds from key frame to key frame", (stream) => mainVideo(stream)?.gopSeconds);
  gauge("height", "Height of its pictures", (stream) => mainVideo(stream)?.height);
}

function* samples(
  streams: readonly StreamJson[],
  valueOf: (stream: StreamJson) => number | undefined,
): Iterable<Sample> {
  for (const stream of streams) {
    const value = valueOf(stream);
    if (value !== undefined) yield { labels: { stream: stream.stream }, value };
  }
}

function mainVideo({ tracks }: StreamJson): StreamJson["tracks"][number] | undefined {
  return tracks.find(({ kind, track }) => kind === "video" && track === 0);
}

function looker({ streams, clock }: PluginContext): () => readonly StreamJson[] {
  let seen: readonly StreamJson[] = [];
  let seenAt = -Infinity;
  return () => {
    if (clock.now() - seenAt < FRESH_MS) return seen;
    seenAt = clock.now();
    return seen = Array.from(streams.values(), (stream) => stream.toJSON());
  };
}

function sum(streams: readonly StreamJson[], valueOf: (stream: StreamJson) => number): number {
  return streams.reduce((total, stream) => total + valueOf(stream), 0);
}
