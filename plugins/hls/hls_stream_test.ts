import { assertEquals } from "@std/assert";
import { DEFAULT_VHOST } from "../../kernel/names.ts";
import { Closed } from "../../kernel/reasons.ts";
import type { Stream } from "../../kernel/streams/stream.ts";
import { silentLogger } from "../../kernel/log/log.ts";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { packetsOf, StreamMaker } from "../../tests/support/stream_maker.ts";
import { HlsStream } from "./hls_stream.ts";
import type { Recorder } from "./recording/recorder.ts";
import { hlsConfig } from "./settings.ts";

/** The HLS of a stream that ends when `ending` aborts, and how often its recording was completed. */
function stage() {
  const ending = new AbortController();
  const counts = { finished: 0 };
  const recorder = { add: () => {}, finish: () => Promise.resolve(void counts.finished++) } as unknown as Recorder;
  const hls = new HlsStream({
    id: "live/cam",
    key: { vhost: DEFAULT_VHOST, app: "live", name: "cam" },
    recorder,
    settings: hlsConfig.parse({}),
    clock: new FakeClock(),
    log: silentLogger,
  });
  return { hls, counts, ending, stream: { signal: ending.signal } as Stream };
}

Deno.test("a stream that ends before its writing could begin anew ends its playlist and its recording", async () => {
  const { hls, counts, ending, stream } = stage();
  const writer = hls.write(stream);
  const maker = new StreamMaker();
  for (const packet of packetsOf([...maker.head(), ...maker.gops(8)])) writer.write(packet);
  await writer.abandon!(new Error("it fell"));
  assertEquals([hls.main.window.isEnded, counts.finished], [false, 0]);
  ending.abort(new Closed("stream-ended"));
  assertEquals([hls.main.window.isEnded, counts.finished], [true, 1]);
});

Deno.test("a stream whose writing began anew is ended by its new writer", async () => {
  const { hls, counts, ending, stream } = stage();
  await hls.write(stream).abandon!(new Error("it fell"));
  const writer = hls.write(stream);
  ending.abort(new Closed("stream-ended"));
  assertEquals([hls.main.window.isEnded, counts.finished], [false, 0]);
  await writer.finish(new Closed("stream-ended"));
  assertEquals([hls.main.window.isEnded, counts.finished], [true, 1]);
});
