import { assert, assertEquals, assertMatch } from "@std/assert";
import type { PluginContext } from "../kernel/plugin/plugin.ts";
import { api } from "../plugins/api/plugin.ts";
import { metrics } from "../plugins/metrics/plugin.ts";
import { httpGet } from "./support/http_get.ts";
import { rtmpTransport } from "./support/transports/rtmp_transport.ts";
import { StreamMaker } from "./support/stream_maker.ts";
import { deciding, TestServer } from "./support/test_server.ts";
import { TRANSPORTS } from "./support/transports/transports.ts";

const API = { token: "write-write-write", readToken: "read-read-read-read" };

function start(settings: Record<string, unknown> = {}): Promise<TestServer> {
  const config = { metrics: settings, api: API, graceSeconds: 0 };
  return TestServer.start({ late: [metrics(), api()], config });
}

const SAMPLE = /^([a-z_:][a-z0-9_:]*)(\{(?:[a-z_]+="(?:[^"\\\n]|\\.)*",?)*\})? (-?[0-9.e+-]+|NaN|[+-]Inf)$/i;

/** Reads the text format, strictly: each sample has a type before it, and none comes twice. */
async function scrape(server: TestServer): Promise<Map<string, number>> {
  const { status, text, headers } = await httpGet(server.port, "/metrics", { headers: { Host: "localhost" } });
  assertEquals(status, 200);
  assertMatch(headers.get("content-type") ?? "", /^text\/plain/);
  const types = new Set<string>();
  const samples = new Map<string, number>();
  for (const line of text.split("\n").filter(Boolean)) {
    const [, declared] = /^# TYPE (\S+) /.exec(line) ?? [];
    if (declared) types.add(declared);
    if (declared) assertEquals(/ counter$/.test(line), /_total$/.test(declared), `a counter ends in _total: ${line}`);
    if (line.startsWith("#")) continue;
    const [, name, labels = "", value] = SAMPLE.exec(line) ?? [];
    assert(name, `This is no sample: ${line}`);
    assert(types.has(name.replace(/_(bucket|sum|count)$/, "")) || types.has(name), `${name} has no type`);
    assert(!samples.has(name + labels), `${name + labels} comes twice`);
    samples.set(name + labels, Number(value));
  }
  return samples;
}

Deno.test("a stream and its players are counted while they are there and when they are gone", async () => {
  await using server = await start();
  await using publisher = await rtmpTransport.publish(server, "live/cam");
  const maker = new StreamMaker();
  const tags = [...maker.head(), ...maker.gops(2)];
  publisher.write(tags);
  const player = await TRANSPORTS[1].play(server, "live/cam");
  await server.event("play:start");
  await server.received("live/cam", tags.at(-1)!);
  const more = maker.gop();
  publisher.write(more);
  await server.received("live/cam", more.at(-1)!);
  server.clock.advance(200);
  const during = await scrape(server);
  assertEquals(during.get('sluice_streams{state="live"}'), 1);
  assertEquals(during.get("sluice_viewers"), 1);
  assertEquals(during.get('sluice_sessions{protocol="rtmp"}'), 1);
  assertEquals(during.get('sluice_stream_viewers{stream="live/cam"}'), 1);
  assertEquals(during.get('sluice_play_first_bytes_seconds_count{protocol="http-flv"}'), 1);
  assert(during.get("sluice_flush_seconds_count")! > 0);
  assertEquals(during.get('sluice_protocol_viewers{protocol="http-flv"}'), 1);
  assertEquals(during.get('sluice_stream_protocol_viewers{stream="live/cam",protocol="http-flv"}'), 1);
  const [bytes, again] = [during, await scrape(server)].map((figures) =>
    figures.get('sluice_stream_bytes_total{stream="live/cam"}')
  );
  assertEquals(bytes, again, "what is read twice is counted once");
  assert(during.get('sluice_stream_bytes_total{stream="live/cam"}')! > 1000);
  assert(during.get('sluice_traffic_bytes_total{protocol="rtmp",direction="in"}')! > 1000);
  assert(during.get('sluice_traffic_bytes_total{protocol="http-flv",direction="out"}')! > 1000);
  assert(during.get('sluice_stream_bytes_out_total{stream="live/cam"}')! > 1000);
  assertEquals(during.get('sluice_stream_skips_total{stream="live/cam"}'), 0);
  assertEquals(during.get('sluice_stream_repairs_total{stream="live/cam"}'), 0);
  assertEquals(during.get('sluice_decisions_total{name="play",answer="yes"}'), 1);
  assertEquals(during.get('sluice_decision_seconds_count{name="publish"}'), 1);
  assertEquals(during.get('sluice_publishes_total{protocol="rtmp"}'), 1);
  assertEquals(during.get('sluice_plays_total{protocol="http-flv"}'), 1);
  await player[Symbol.asyncDispose]();
  await server.event("play:end");
  await publisher.end();
  await publisher[Symbol.asyncDispose]();
  await server.event("session:end", ({ session }) => session.protocol === "rtmp");
  server.clock.advance(200);
  const after = await scrape(server);
  assertEquals([after.get('sluice_streams{state="live"}'), after.get("sluice_viewers")], [undefined, 0]);
  const sent = [during, after].map((all) =>
    all.get('sluice_traffic_bytes_total{protocol="http-flv",direction="out"}')!
  );
  assert(sent[1] >= sent[0], "what has gone is counted no more");
  for (const name of ["viewers", "bytes_total", "bytes_out_total", "protocol_viewers"]) {
    assertEquals([...after.keys()].filter((key) => key.startsWith(`sluice_stream_${name}`)), []);
  }
  assertEquals(after.get('sluice_protocol_viewers{protocol="http-flv"}'), undefined);
  assertEquals(after.get('sluice_stream_ends_total{reason="stream-ended"}'), 1);
  assertEquals(after.get('sluice_play_seconds_count{protocol="http-flv"}'), 1);
  assert(after.get('sluice_session_bytes_total{protocol="rtmp",direction="in"}')! > 1000);
});

Deno.test("the process, its loop and its disk have figures", async () => {
  await using server = await start();
  server.clock.advance(500);
  const samples = await scrape(server);
  assert(samples.get('sluice_process_memory_bytes{kind="rss"}')! > 1e6);
  assert(samples.get('sluice_process_cpu_seconds_total{mode="user"}')! > 0);
  assertEquals(samples.get("sluice_event_loop_lag_seconds"), 0);
  if (Deno.build.os === "linux") assert(samples.get("sluice_process_open_files")! > 3);
  assert([...samples.keys()].some((name) => name.startsWith("sluice_build_info{version=")));
});

Deno.test("streams have no figures of their own where the settings say so", async () => {
  await using server = await start({ perStream: false });
  await using _publisher = await rtmpTransport.publish(server, "live/cam");
  const samples = await scrape(server);
  assertEquals([...samples.keys()].filter((name) => name.includes("live/cam")), []);
  assertEquals(samples.get('sluice_streams{state="live"}'), 1);
});

Deno.test("from elsewhere metrics need a token, unless they are open; health needs none", async () => {
  const away = { Host: "tv.example", "X-Forwarded-For": "203.0.113.7" };
  for (const open of [false, true]) {
    await using server = await start({ open });
    const ask = (headers: Record<string, string>) =>
      httpGet(server.port, "/metrics", { headers: { ...away, ...headers } });
    assertEquals((await ask({})).status, open ? 200 : 401);
    assertEquals((await ask({ Authorization: `Bearer ${API.readToken}` })).status, 200);
    for (const path of ["/healthz", "/readyz"]) {
      const { status, headers } = await httpGet(server.port, path, { headers: away });
      assertEquals([status, headers.get("cache-control")], [200, "no-store"], path);
    }
  }
});

Deno.test("what sinks write, and how often they fail, is counted", async () => {
  let tell!: PluginContext["tell"];
  const spy = deciding((ctx) => void (tell = ctx.tell));
  const config = { api: API };
  await using server = await TestServer.start({ plugins: [spy], late: [metrics(), api()], config });
  const artifact = { stream: "live/cam", by: "tapes", path: "tapes/1" };
  tell("artifact:segment", artifact);
  tell("artifact:segment", artifact);
  tell("artifact:complete", { ...artifact, bytes: 500 });
  tell("artifact:remove", artifact);
  tell("artifact:fail", { ...artifact, problem: "no room", retrySeconds: 1 });
  const samples = await scrape(server);
  const of = (name: string) => samples.get(`sluice_${name}{sink="tapes"}`);
  const counts = ["segments_total", "recordings_total", "recording_bytes_total", "recordings_removed_total"].map(of);
  assertEquals([...counts, of("sink_failures_total")], [2, 1, 500, 1, 1]);
});

Deno.test("what players of a stream take is counted on when they leave, and refusals are counted", async () => {
  const refusing = deciding((ctx) => {
    ctx.decide("play", ({ session }) => session.params.has("no") ? { deny: "Not you" } : undefined);
  });
  await using server = await TestServer.start({ plugins: [refusing], late: [metrics(), api()], config: { api: API } });
  await using publisher = await rtmpTransport.publish(server, "live/cam");
  const maker = new StreamMaker();
  publisher.write([...maker.head(), ...maker.gops(2)]);
  await server.event("stream:start");
  const out = async () => (await scrape(server)).get('sluice_stream_bytes_out_total{stream="live/cam"}') ?? 0;
  const [, http] = TRANSPORTS;
  const first = await http.play(server, "live/cam");
  await first.until(({ role }) => role === "key");
  const before = await out();
  await first[Symbol.asyncDispose]();
  await server.event("play:end");
  const between = await out();
  await using second = await http.play(server, "live/cam");
  await second.until(({ role }) => role === "key");
  assertEquals([before > 1000, between >= before, await out() > between], [true, true, true]);
  await http.play(server, "live/cam", { no: "1" }).catch(() => {});
  assertEquals((await scrape(server)).get('sluice_decisions_total{name="play",answer="no"}'), 1);
});
