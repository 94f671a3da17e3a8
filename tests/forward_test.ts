import { assert, assertEquals, assertMatch } from "@std/assert";
import { silentAac } from "../media/codec/silent_aac.ts";
import type { MediaPacket } from "../media/packet.ts";
import { api } from "../plugins/api/plugin.ts";
import { forward } from "../plugins/forward/plugin.ts";
import { metrics } from "../plugins/metrics/plugin.ts";
import type { TargetJson } from "../plugins/shared/relay/target.ts";
import { Backend } from "./support/backend.ts";
import { eventually } from "./support/eventually.ts";
import { httpGet } from "./support/http_get.ts";
import { assertMonotonic, assertSamePackets, frames } from "./support/packets.ts";
import { rtmpTransport } from "./support/transports/rtmp_transport.ts";
import { SilentServer } from "./support/silent_server.ts";
import { packetsOf, StreamMaker, type Tag } from "./support/stream_maker.ts";
import { deciding, keepingPackets, TestServer } from "./support/test_server.ts";

const API = { token: "write-write-write", readToken: "read-read-read-read" };
const LONG = { publishTimeoutSeconds: 3600, rtmp: { host: "127.0.0.1", port: 0, idleSeconds: 3600 } };

function origin(settings: Record<string, unknown>): Promise<TestServer> {
  return TestServer.start({ late: [forward(), api()], config: { ...LONG, forward: settings, api: API } });
}

/** A server that keeps what it is sent. */
async function receiver(): Promise<{ server: TestServer; kept: Map<string, MediaPacket[]> }> {
  const kept = new Map<string, MediaPacket[]>();
  return { server: await TestServer.start({ plugins: [keepingPackets(kept)], config: LONG }), kept };
}

async function targets(server: TestServer): Promise<TargetJson[]> {
  const { text } = await httpGet(server.port, "/api/v1/forwards", { headers: { Host: "localhost" } });
  return JSON.parse(text).items;
}

async function becomes(server: TestServer, state: string, count = 1): Promise<void> {
  let seen: string[] = [];
  let isOver = false;
  const look = async () => {
    while (!isOver) seen = (await targets(server)).map((target) => target.state);
  };
  const looking = look();
  try {
    await eventually(() => seen.filter((each) => each === state).length >= count, `no target is ${state}`);
  } finally {
    isOver = true;
    await looking;
  }
}

async function arrived(kept: Map<string, MediaPacket[]>, id: string, tags: readonly Tag[]): Promise<void> {
  const expected = frames(packetsOf(tags));
  await eventually(() => frames(kept.get(id) ?? []).length >= expected.length, `not all came to ${id}`);
  assertSamePackets(frames(kept.get(id)!), expected);
}

Deno.test("to a server that is named alone a stream goes under its own names", async () => {
  const far = await receiver();
  await using target = far.server;
  await using server = await origin({ rules: [{ streams: ["live/*"], to: [`rtmp://127.0.0.1:${target.port}`] }] });
  await using publisher = await rtmpTransport.publish(server, "live/cam");
  await becomes(server, "live");
  const maker = new StreamMaker();
  const tags = [...maker.head(), ...maker.gop()];
  publisher.write(tags);
  await arrived(far.kept, "live/cam", tags);
});

Deno.test("an address that two rules name gets a stream once", async () => {
  const far = await receiver();
  await using target = far.server;
  const to = `rtmp://127.0.0.1:${target.port}/a/cam`;
  const rules = [{ streams: ["live/*"], to: [to] }, { streams: ["live/cam"], to: [to.replace("cam", "{stream}")] }];
  await using server = await origin({ rules });
  await using _publisher = await rtmpTransport.publish(server, "live/cam");
  await becomes(server, "live");
  assertEquals((await targets(server)).length, 1);
});

Deno.test("a stream goes to targets of all three kinds at once, to the byte, and ends there when it ends", async () => {
  const far = await receiver();
  await using target = far.server;
  const { port } = target;
  const to = [
    `rtmp://127.0.0.1:${port}/a/{stream}?key=of-the-target`,
    `http://127.0.0.1:${port}/b/{app}-{stream}`,
    `ws://127.0.0.1:${port}/c/{stream}`,
  ];
  await using server = await origin({ rules: [{ streams: ["live/*"], to }] });
  await using publisher = await rtmpTransport.publish(server, "live/cam");
  await becomes(server, "live", 3);
  const maker = new StreamMaker();
  const tags = [...maker.head(), ...maker.gops(3)];
  publisher.write(tags);
  for (const id of ["a/cam", "b/live-cam", "c/cam"]) await arrived(far.kept, id, tags);
  const shown = await targets(server);
  assertEquals(shown.map(({ address }) => address), [
    `rtmp://127.0.0.1:${port}/a/cam`,
    `http://127.0.0.1:${port}/b/live-cam`,
    `ws://127.0.0.1:${port}/c/cam`,
  ]);
  server.assertNeverLogged("of-the-target");
  await publisher.end();
  for (const id of ["a/cam", "b/live-cam", "c/cam"]) {
    await target.event("stream:end", ({ stream }) => stream.id === id);
  }
  await eventually(() => server.server.streams.size === 0, "the stream is still there");
  assertEquals(await targets(server), []);
});

Deno.test("a target that is dead harms no other, is tried again, and gets the stream from a key frame on", async () => {
  const near = await receiver();
  await using good = near.server;
  const port = await (async () => {
    await using gone = await TestServer.start();
    return gone.port;
  })();
  const to = [`rtmp://127.0.0.1:${port}/live/dead`, `rtmp://127.0.0.1:${good.port}/live/good`];
  await using server = await origin({ rules: [{ streams: ["*"], to }] });
  await using publisher = await rtmpTransport.publish(server, "live/cam");
  await becomes(server, "waiting");
  await becomes(server, "live");
  const maker = new StreamMaker();
  const first = [...maker.head(), ...maker.gops(2)];
  publisher.write(first);
  await arrived(near.kept, "live/good", first);
  const [dead] = await targets(server);
  assertEquals([dead.state, dead.connects], ["waiting", 0]);
  assertMatch(dead.problem ?? "", /127\.0\.0\.1/);
  const kept = new Map<string, MediaPacket[]>();
  const config = { ...LONG, http: { host: "127.0.0.1", port } };
  await using _back = await TestServer.start({ plugins: [keepingPackets(kept)], config });
  server.clock.advance(1000);
  await becomes(server, "live", 2);
  const second = maker.gop();
  publisher.write(second);
  await eventually(() => frames(kept.get("live/dead") ?? []).length >= 10, "it did not come back");
  const [firstPicture] = frames(kept.get("live/dead")!).filter(({ kind }) => kind === "video");
  assertEquals(firstPicture.role, "key");
});

Deno.test("a target that refuses is told apart, asked again seldom, and shown in its own words", async () => {
  let asked = 0;
  const no = deciding((ctx) =>
    ctx.decide("publish", () => {
      asked++;
      return { deny: "Your channel is closed" };
    })
  );
  await using target = await TestServer.start({ plugins: [no] });
  const to = [`rtmp://127.0.0.1:${target.port}/live/x`];
  await using server = await origin({ rules: [{ streams: ["*"], to }] });
  await using publisher = await rtmpTransport.publish(server, "live/cam");
  publisher.write(new StreamMaker().head());
  await becomes(server, "refused");
  const [refused] = await targets(server);
  assertMatch(refused.problem ?? "", /Your channel is closed/);
  server.clock.advance(4900);
  await server.settled();
  assertEquals(asked, 1);
  server.clock.advance(5200);
  await eventually(() => asked === 2, "it was not asked again");
});

Deno.test("targets come and go while the stream is live, as the API says", async () => {
  const far = await receiver();
  await using target = far.server;
  await using server = await origin({});
  const ask = async (method: string, path: string, body?: string) => {
    const answer = await fetch(`http://127.0.0.1:${server.port}/api/v1/forwards${path}`, {
      method,
      body,
      headers: { authorization: `Bearer ${API.token}` },
    });
    return { status: answer.status, body: await answer.text() };
  };
  const url = `ws://127.0.0.1:${target.port}/live/copy`;
  const wish = (stream: string, address = url) => JSON.stringify({ stream, url: address });
  assertEquals((await ask("POST", "", wish("live/cam"))).status, 409);
  await using publisher = await rtmpTransport.publish(server, "live/cam");
  const maker = new StreamMaker();
  const tags = [...maker.head(), ...maker.gop()];
  publisher.write(tags);
  await server.received("live/cam", tags.at(-1)!);
  for (const bad of ["gopher://x/live/a", "no address", "rtmp://x/{when}/a"]) {
    assertEquals((await ask("POST", "", wish("live/cam", bad))).status, 400, bad);
  }
  assertEquals((await ask("POST", "", "{")).status, 400);
  const longWish = JSON.stringify({ stream: "live/cam", url: `${url}?${"x".repeat(100_000)}` });
  assertEquals((await ask("POST", "", longWish)).status, 400);
  const added = await ask("POST", "", wish("live/cam"));
  assertEquals(added.status, 201);
  const again = await ask("POST", "", wish("live/cam"));
  assertEquals(again.status, 409);
  assertMatch(
    again.body,
    new RegExp(`Cannot forward live/cam: it goes there already, as target ${JSON.parse(added.body).id}`),
  );
  await arrived(far.kept, "live/copy", tags);
  const { id } = JSON.parse(added.body);
  assertEquals((await ask("DELETE", `/${id}`)).status, 204);
  assertEquals((await ask("DELETE", `/${id}`)).status, 404);
  assertEquals((await target.event("stream:end")).reason, "stream-ended");
  assertEquals(server.server.streams.get("live/cam")?.state, "live");
});

Deno.test("the key of a platform is shown by no answer and no line of the log", async () => {
  const to = ["rtmp://127.0.0.1:9/live2/key-of-the-platform"];
  await using server = await origin({ rules: [{ streams: ["*"], to }] });
  await using _publisher = await rtmpTransport.publish(server, "live/cam");
  await becomes(server, "waiting");
  for (const path of ["forwards", "config"]) {
    const { status, text } = await httpGet(server.port, `/api/v1/${path}`, { headers: { Host: "localhost" } });
    assertEquals([status, text.includes("key-of-the-platform")], [200, false], path);
  }
  server.assertNeverLogged("key-of-the-platform");
});

for (const perStream of [true, false]) {
  Deno.test(`the metrics say how much goes to each target${perStream ? "" : ", unless streams are to have no figures"}`, async () => {
    const far = await receiver();
    await using target = far.server;
    const to = [`ws://127.0.0.1:${target.port}/a/cam`, "rtmp://127.0.0.1:1/live2/key-of-the-platform"];
    const config = { ...LONG, forward: { rules: [{ streams: ["*"], to }] }, api: API, metrics: { perStream } };
    await using server = await TestServer.start({ late: [forward(), api(), metrics()], config });
    await using publisher = await rtmpTransport.publish(server, "live/cam");
    await becomes(server, "live");
    await becomes(server, "waiting");
    const tags = [...new StreamMaker().head(), ...new StreamMaker().gop()];
    publisher.write(tags);
    await arrived(far.kept, "a/cam", tags);
    server.clock.advance(1000);
    const [live, dead] = await targets(server);
    assert(live.bitrate > 1000, JSON.stringify(live));
    const { text } = await httpGet(server.port, "/metrics", { headers: { Host: "localhost" } });
    const lines = text.split("\n").filter((line) => line.startsWith("sluice_forward_"));
    const value = (name: string, { id, address }: typeof live, bitrate: number) =>
      `sluice_forward_${name}{stream="live/cam",target="${id}",address="${address}"} ${bitrate}`;
    assertEquals(
      lines.filter((line) => line.includes("target=")),
      perStream ? [value("bits_per_second", live, live.bitrate), value("bits_per_second", dead, 0)] : [],
    );
    assert(lines.includes('sluice_forward_targets{state="live"} 1'), lines.join("\n"));
    assert(!text.includes("key-of-the-platform"));
  });
}

Deno.test("a backend made for SRS says where a stream goes", async () => {
  const far = await receiver();
  await using target = far.server;
  await using backend = await Backend.start();
  backend.answer = () => ({
    status: 200,
    text: JSON.stringify({ code: 0, data: { urls: [`rtmp://127.0.0.1:${target.port}/live/x`] } }),
  });
  await using server = await origin({ backend: backend.url() });
  await using publisher = await rtmpTransport.publish(server, "live/cam");
  const maker = new StreamMaker();
  const tags = [...maker.head(), ...maker.gop()];
  publisher.write(tags);
  await eventually(() => frames(far.kept.get("live/x") ?? []).length > 0, "it did not go there");
  const { body } = backend.posts[0];
  assertEquals([body.action, body.vhost, body.app, body.stream], ["on_forward", "__defaultVhost__", "live", "cam"]);
});

Deno.test("pictures without sound go with silence to who wants it, until sound comes, and as they are to others", async () => {
  const far = await receiver();
  await using target = far.server;
  const to = (app: string) => [`rtmp://127.0.0.1:${target.port}/${app}/{stream}`];
  const rules = [{ streams: ["*"], to: to("a"), silentAudio: true }, { streams: ["*"], to: to("b") }];
  await using server = await origin({ rules });
  await using publisher = await rtmpTransport.publish(server, "live/cam");
  await becomes(server, "live", 2);
  const maker = new StreamMaker({ audio: null });
  const pictures = [...maker.head(), ...maker.gops(3)];
  publisher.write(pictures);
  await arrived(far.kept, "b/cam", pictures);
  const last = pictures.at(-1)!.dts;
  await eventually(() => frames(far.kept.get("a/cam") ?? []).at(-1)?.dts === last, "not all came to a/cam");
  assertEquals((await targets(server)).map(({ silentAudio }) => silentAudio), [true, undefined]);
  const got = far.kept.get("a/cam")!;
  assertSamePackets(got.filter(isPicture), packetsOf(pictures).filter(isPicture));
  const silence = got.filter(({ kind, role }) => kind === "audio" && role === "frame");
  assert(silence.every(({ data }) => isSilence(data)));
  assert(silence.length >= Math.floor(last / 23_220), `only ${silence.length} frames of silence`);
  const sounding = new StreamMaker({ startMs: maker.ms });
  const sound = [...sounding.audioConfig(), ...sounding.gops(2)];
  publisher.write(sound);
  await arrived(far.kept, "b/cam", [...pictures, ...sound]);
  const end = sound.at(-1)!.dts;
  await eventually(() => frames(got).at(-1)?.dts === end, "not all came to a/cam");
  assertEquals((await targets(server)).map(({ silentAudio }) => silentAudio), [false, undefined]);
  assertMonotonic(got);
  const heard = got.filter(({ kind, dts }) => kind === "audio" && dts > last + 80_000);
  assert(heard.length > 10 && heard.every(({ data }) => !isSilence(data)));
  assertEquals(got.findLast(({ kind, role }) => kind === "audio" && role === "config")!.data.toHex(), "1190");
});

function isPicture({ kind }: MediaPacket): boolean {
  return kind === "video";
}

function isSilence(data: Uint8Array): boolean {
  return data.toHex() === silentAac(44_100, 2).frame.toHex();
}

Deno.test("a backend and the API say of a target whether it gets silence", async () => {
  const far = await receiver();
  await using target = far.server;
  await using backend = await Backend.start();
  const url = (app: string) => `rtmp://127.0.0.1:${target.port}/${app}/cam`;
  const urls = [{ url: url("a"), silentAudio: true }, url("b"), { url: url("c") }];
  backend.answer = () => ({ status: 200, text: JSON.stringify({ code: 0, data: { urls } }) });
  await using server = await origin({ backend: backend.url() });
  await using _publisher = await rtmpTransport.publish(server, "live/cam");
  await becomes(server, "live", 3);
  for (const silentAudio of [true, false]) {
    const answer = await fetch(`http://127.0.0.1:${server.port}/api/v1/forwards`, {
      method: "POST",
      body: JSON.stringify({ stream: "live/cam", url: url(`api-${silentAudio}`), silentAudio }),
      headers: { authorization: `Bearer ${API.token}` },
    });
    assertEquals([answer.status, (await answer.json()).silentAudio], [201, silentAudio ? false : undefined]);
  }
  const shown = await targets(server);
  assertEquals(shown.map(({ silentAudio }) => silentAudio), [false, undefined, undefined, false, undefined]);
});

for (
  const text of [
    '{"code":1}',
    '{"code":0,"data":{"urls":"x"}}',
    '{"code":0,"data":{"urls":["gopher://x"]}}',
    '{"code":0,"data":{"urls":[{"url":"rtmp://x/live/y","silentAudio":"yes"}]}}',
    "<html>",
  ]
) {
  Deno.test(`a backend that answers ${text} is logged, and the stream goes on`, async () => {
    await using backend = await Backend.start();
    backend.answer = () => ({ status: 200, text });
    await using server = await origin({ backend: backend.url() });
    await using _publisher = await rtmpTransport.publish(server, "live/cam");
    await eventually(() => server.logged.some(({ level }) => level === "error"), "nothing was logged");
    assertEquals(server.server.streams.get("live/cam")?.state, "live");
  });
}

Deno.test("a target that reads nothing falls behind and jumps, delays nobody, and is left at the end", async () => {
  const near = await receiver();
  await using good = near.server;
  await using hole = await SilentServer.listen({ isDeaf: true });
  const to = [`http://127.0.0.1:${hole.port}/live/stuck`, `rtmp://127.0.0.1:${good.port}/live/good`];
  const buffer = { bytes: 2 ** 20, seconds: 10 };
  const config = { ...LONG, forward: { rules: [{ streams: ["*"], to }] }, api: API, buffer };
  await using server = await TestServer.start({ late: [forward(), api()], config });
  await using publisher = await rtmpTransport.publish(server, "live/cam");
  await becomes(server, "live", 2);
  const maker = new StreamMaker({ keyBytes: 400_000, audio: null });
  publisher.write(maker.head());
  const last = () => frames(near.kept.get("live/good") ?? []).at(-1)?.dts;
  for (let i = 0; i < 30; i++) {
    const gop = maker.gop();
    publisher.write(gop);
    await eventually(() => last() === gop.at(-1)!.dts, "the other target waits");
  }
  const stalled = (await targets(server)).find(({ address }) => address.includes("stuck"));
  assert(stalled?.state === "live" && stalled.bytes < 15_000_000, JSON.stringify(stalled));
  await publisher.end();
  await eventually(() => server.server.streams.size === 0, "the stream is still there");
  server.clock.advance(5000);
  await eventually(() => server.server.sessions.size === 0, "the publisher is still there");
});
