import { assert, assertEquals, assertMatch } from "@std/assert";
import { RtmpPlayClient, RtmpPublishClient } from "../protocols/rtmp/client.ts";
import { patiently } from "./support/patience.ts";
import { bannerPorts, Program } from "./support/program.ts";
import { packetsOf, StreamMaker } from "./support/stream_maker.ts";

interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
  readonly events: readonly { readonly name: string }[];
  readonly status?: { readonly message?: string; readonly code?: number };
}

/** A collector of OpenTelemetry that keeps the spans of Sluice. */
class Collector implements AsyncDisposable {
  readonly spans: ReceivedSpan[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  #news = Promise.withResolvers<void>();

  constructor() {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
      const { resourceSpans = [] } = await request.json();
      for (const { scopeSpans } of resourceSpans) {
        for (const { scope, spans } of scopeSpans) if (scope.name === "sluice") this.spans.push(...spans);
      }
      const { resolve } = this.#news;
      this.#news = Promise.withResolvers();
      resolve();
      return Response.json({});
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  async until(isThere: () => boolean): Promise<void> {
    while (!isThere()) {
      const { promise } = this.#news;
      await patiently(promise, () => `there are only ${this.spans.map(({ name }) => name).join(", ")}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

function attribute({ attributes }: ReceivedSpan, name: string): unknown {
  return Object.values(attributes.find(({ key }) => key === name)?.value ?? {})[0];
}

/** Starts a server of its own process that sends what it traces. */
function start(collector: Collector, env: Record<string, string>): Program {
  const ports = ["--http-port", "0", "--rtmp-port", "0", "--http-host", "127.0.0.1", "--rtmp-host", "127.0.0.1"];
  const rules = ["--auth-publish-keys", "live/*=sesame", "--plugins", "auth,rtmp,http-flv,traces"];
  return Program.server(["start", ...ports, ...rules], {
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_BSP_SCHEDULE_DELAY: "50",
      ...env,
    },
  });
}

async function publishAndPlay(port: number): Promise<void> {
  const address = `rtmp://127.0.0.1:${port}/live/cam`;
  await RtmpPublishClient.connect(address).then(() => assert(false), () => {});
  const maker = new StreamMaker();
  const publisher = await RtmpPublishClient.connect(`${address}?key=sesame`);
  for (const packet of packetsOf([...maker.head(), ...maker.gop()])) await publisher.write(packet);
  const player = await RtmpPlayClient.connect(address);
  await player[Symbol.asyncIterator]().next();
  await player.close();
  await publisher.close();
}

Deno.test("a session's life is a trace: its decisions, what it publishes and plays, and how it ended", async () => {
  await using collector = new Collector();
  await using server = start(collector, { OTEL_DENO: "true" });
  const { rtmp } = await bannerPorts(server);
  await publishAndPlay(rtmp);
  const all = (name: string) => collector.spans.filter((span) => span.name === name);
  await collector.until(() => all("session").length === 3);

  const below = (root: ReceivedSpan) =>
    collector.spans.filter(({ parentSpanId, traceId }) => parentSpanId === root.spanId && traceId === root.traceId);
  const named = (root: ReceivedSpan) => below(root).map(({ name }) => name).sort();
  const withStream = (name: string) =>
    all("session").find((root) => below(root).some((span) => span.name === name)) as ReceivedSpan;
  const publisher = withStream("publish");
  const player = withStream("play");
  const refused = all("session").find((root) => root !== publisher && root !== player) as ReceivedSpan;
  assertEquals(named(publisher), ["decide connect", "decide publish", "publish"]);
  assertEquals(named(player), ["decide connect", "decide play", "play"]);
  assertEquals(named(refused), ["decide connect", "decide publish"]);
  assertEquals(attribute(publisher, "network.protocol.name"), "rtmp");
  assertEquals(attribute(publisher, "client.address"), "127.0.0.1");
  assertEquals([publisher, player].map((span) => attribute(span, "sluice.reason")), ["left", "left"]);
  const [publish] = below(publisher).filter(({ name }) => name === "publish");
  assertEquals([attribute(publish, "sluice.stream"), publish.status?.code ?? 0], ["live/cam", 0]);
  assert(publish.events.some(({ name }) => name === "track"), "the tracks are no events");
  const [no] = below(refused).filter(({ name }) => name === "decide publish");
  assertEquals([attribute(no, "sluice.decision"), no.status?.code], ["no", 2]);
  assertMatch(no.status?.message ?? "", /Cannot publish live\/cam: it needs a key/);
  assertEquals(attribute(refused, "sluice.reason"), "denied");
  for (const span of collector.spans) {
    assert(BigInt(span.endTimeUnixNano) >= BigInt(span.startTimeUnixNano), `${span.name} ends before it begins`);
  }
  assertEquals(JSON.stringify(collector.spans).includes("sesame"), false);
});
