import { AwsV4Signer } from "aws4fetch";
import { assert, assertEquals, assertNotMatch, assertStringIncludes } from "@std/assert";
import { api } from "../../plugins/api/plugin.ts";
import { auth } from "../../plugins/auth/plugin.ts";
import { files } from "../../plugins/files/plugin.ts";
import { metrics } from "../../plugins/metrics/plugin.ts";
import { httpGet } from "../../tests/support/http_get.ts";
import { film, FLV, SECRET, Stage, type StageOptions } from "./testing/stage.ts";

const SESSION = "hls/live/cam/20260101_000000";
const PLAYLIST = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n0.ts\n#EXT-X-ENDLIST\n";
const MP4 = "mp4/live/cam/20260101_000000.mp4";

const LOCAL = { headers: { Host: "localhost" } };

async function asked(stage: Stage, target: string, method = "GET") {
  const { status, text } = await httpGet(stage.server.port, target, { ...LOCAL, method });
  return { status, body: text === "" ? undefined : JSON.parse(text) };
}

/** A stage with recordings of each kind that are in the store alone. */
async function emptied(options: StageOptions = {}): Promise<Stage> {
  const stage = await Stage.open({ late: [files()], ...options });
  await stage.write(FLV, film(1000));
  await stage.write(MP4, film(2000));
  await stage.write(`${SESSION}/0.ts`, film(3000));
  await stage.write(`${SESSION}/index.m3u8`, PLAYLIST);
  for (const path of [FLV, MP4, `${SESSION}/index.m3u8`]) {
    stage.tell("complete", path);
    await stage.sent(path);
  }
  for (const top of ["flv", "mp4", "hls"]) await Deno.remove(`${stage.folder}/${top}`, { recursive: true });
  return stage;
}

/** What a request comes to when it is sent on as often as somebody says so. */
async function followed(stage: Stage, target: string): Promise<{ bytes: Uint8Array; hosts: string[] }> {
  let url = `http://127.0.0.1:${stage.server.port}${target}`;
  const hosts: string[] = [];
  for (;;) {
    const response = await fetch(url, { redirect: "manual" });
    hosts.push(url.startsWith(stage.store.endpoint) ? "store" : "here");
    const bytes = await response.bytes();
    const location = response.headers.get("location");
    if (location === null) {
      assertEquals([target, response.status], [target, 200]);
      return { bytes, hosts };
    }
    const shown = ["access-control-allow-origin", "content-type"].map((name) => response.headers.get(name));
    assertEquals([response.status, ...shown], [302, "*", null]);
    url = new URL(location, url).href;
  }
}

Deno.test("the API lists uploads with how far they are, and tries them again", async () => {
  await using stage = await Stage.open({ late: [api()] });
  await stage.write(FLV, film(1000));
  stage.tell("complete", FLV);
  await stage.sent(FLV);
  stage.store.fault = ({ key }) => key === MP4 ? { status: 503, code: "SlowDown" } : undefined;
  await stage.write(MP4, film(2000));
  stage.tell("complete", MP4);
  await stage.failed();
  const { body } = await asked(stage, "/api/v1/uploads?limit=10");
  const [mp4, flv] = body.items;
  assertEquals([body.total, body.totals], [2, { open: 0, due: 1, done: 1 }]);
  assertEquals([mp4.path, mp4.state, mp4.bytes, mp4.sentBytes, mp4.url], [`/${MP4}`, "due", 2000, 0, null]);
  assertEquals([mp4.failure.problem, mp4.failure.attempts], ["the store answers 503 SlowDown", 1]);
  assertEquals([flv.path, flv.state, flv.sentBytes, flv.failure], [`/${FLV}`, "done", 1000, null]);
  assertEquals((await (await fetch(flv.url)).bytes()).length, 1000);
  assertEquals((await asked(stage, "/api/v1/uploads?state=done&stream=live/cam")).body.items.length, 1);
  stage.store.fault = () => undefined;
  assertEquals((await asked(stage, `/api/v1/uploads/${mp4.id}/retry`, "POST")).body, { retried: 1 });
  await stage.sent(MP4);
  assertEquals((await asked(stage, "/api/v1/uploads/retry", "POST")).body, { retried: 0 });
  assertEquals((await asked(stage, "/api/v1/uploads/99/retry", "POST")).status, 404);
  assertEquals((await asked(stage, "/api/v1/uploads?state=lost")).status, 400);
});

Deno.test("the metrics say how many recordings are in the store, and how many wait", async () => {
  await using stage = await Stage.open({ late: [metrics(), api()] });
  stage.store.fault = () => ({ status: 503, code: "SlowDown" });
  await stage.write(FLV, film(1000));
  stage.tell("complete", FLV);
  await stage.failed();
  const { text } = await httpGet(stage.server.port, "/metrics", LOCAL);
  assertStringIncludes(text, 'sluice_uploads{state="due"} 1\n');
  assertStringIncludes(text, 'sluice_uploads{state="done"} 0\n');
  assertStringIncludes(text, "sluice_uploads_failing 1\n");
});

Deno.test("the list of recordings says where in the store they are", async () => {
  await using stage = await Stage.open({ late: [api()] });
  for (const path of [FLV, MP4]) await stage.write(path, film(1000));
  stage.tell("complete", FLV);
  await stage.sent(FLV);
  const { body } = await asked(stage, "/api/v1/recordings");
  const urls = body.items.map(({ kind, storeUrl }: Record<string, string>) => [kind, storeUrl]);
  const [[, url]] = urls.filter(([kind]: string[]) => kind === "flv");
  assertEquals(urls.toSorted(), [["flv", url], ["mp4", null]]);
  assertEquals((await (await fetch(url)).bytes()).length, 1000);
});

Deno.test("neither the settings nor the uploads that are shown have a secret in them", async () => {
  await using stage = await Stage.open({ late: [api()] });
  await stage.write(FLV, film(1000));
  stage.tell("complete", FLV);
  await stage.sent(FLV);
  for (const target of ["/api/v1/config", "/api/v1/uploads", "/api/v1/events/recent"]) {
    const { text } = await httpGet(stage.server.port, target, LOCAL);
    assertNotMatch(text, new RegExp(SECRET));
  }
  const { body } = await asked(stage, "/api/v1/config");
  assertEquals([body.s3.accessKeyId, body.s3.secretAccessKey], ["***", "***"]);
});

Deno.test("who asks for what is in the store alone is sent there", async () => {
  await using stage = await emptied();
  const cases: [target: string, length: number, hosts: string[]][] = [
    [`/${FLV}`, 1000, ["here", "store"]],
    ["/flv/live/cam/index.flv", 1000, ["here", "here", "store"]],
    [`/${MP4}`, 2000, ["here", "store"]],
    ["/mp4/live/cam/output_merge/stream_full.mp4", 2000, ["here", "here", "store"]],
    [`/${SESSION}/0.ts`, 3000, ["here", "store"]],
    [`/${SESSION}/index.m3u8`, PLAYLIST.length, ["here"]],
    ["/hls/live/cam/record.m3u8", PLAYLIST.length, ["here", "here"]],
  ];
  for (const [target, length, hosts] of cases) {
    const found = await followed(stage, target);
    assertEquals([target, found.bytes.length, found.hosts], [target, length, hosts]);
  }
  for (const target of ["/flv/live/cam/20200101_000000.flv", "/flv/live/other/index.flv", "/s3.sqlite"]) {
    assertEquals((await httpGet(stage.server.port, target, LOCAL)).status, 404);
  }
});

/** The address as it is when it is signed for a method. */
async function signedFor(method: string, location: string): Promise<string> {
  const url = new URL(location);
  const datetime = url.searchParams.get("X-Amz-Date")!;
  for (const name of [...url.searchParams.keys()]) if (name !== "X-Amz-Expires") url.searchParams.delete(name);
  const credentials = { accessKeyId: "WHO", secretAccessKey: SECRET, service: "s3", region: "us-east-1", datetime };
  return (await new AwsV4Signer({ method, url: url.href, signQuery: true, ...credentials }).sign()).url.href;
}

Deno.test("who asks for a file, or looks at it, is sent to an address that is signed for that", async () => {
  await using stage = await emptied();
  for (const method of ["GET", "HEAD"]) {
    const response = await fetch(`http://127.0.0.1:${stage.server.port}/${FLV}`, { method, redirect: "manual" });
    await response.body?.cancel();
    const location = response.headers.get("location")!;
    assertEquals([method, location], [method, await signedFor(method, location)]);
  }
});

Deno.test("who asks for what everybody can read is sent to where that is, with playlists too", async () => {
  await using stage = await emptied({ s3: { publicUrl: "https://cdn.example.com/films" } });
  for (const path of [FLV, `${SESSION}/index.m3u8`, `${SESSION}/0.ts`]) {
    const response = await fetch(`http://127.0.0.1:${stage.server.port}/${path}`, { redirect: "manual" });
    await response.body?.cancel();
    assertEquals([response.status, response.headers.get("location")], [302, `https://cdn.example.com/films/${path}`]);
  }
});

Deno.test("a file that is here too is not sent on", async () => {
  await using stage = await Stage.open({ late: [files()] });
  await stage.write(FLV, film(1000));
  stage.tell("complete", FLV);
  await stage.sent(FLV);
  assertEquals((await followed(stage, `/${FLV}`)).hosts, ["here"]);
});

Deno.test("who may not have a recording is not sent to it", async () => {
  const config = { auth: { play: { keys: { "live/cam": "let-me-see" } } } };
  await using stage = await emptied({ plugins: [auth()], config });
  assertEquals((await httpGet(stage.server.port, `/${FLV}`, LOCAL)).status, 401);
  assertEquals((await httpGet(stage.server.port, `/${FLV}?key=let-me-see`, LOCAL)).status, 302);
});

Deno.test("a recording that the operator has removed is not to be had from the store either", async () => {
  await using stage = await emptied();
  stage.tell("remove", FLV, "api");
  assertEquals((await httpGet(stage.server.port, `/${FLV}`, LOCAL)).status, 404);
  assert(stage.store.objects.has(FLV), "what to keep in the store is for its owner to say");
});

Deno.test("a store that does not answer for a playlist is said to", async () => {
  await using stage = await emptied();
  stage.store.fault = () => ({ status: 503, code: "SlowDown" });
  assertEquals((await httpGet(stage.server.port, `/${SESSION}/index.m3u8`, LOCAL)).status, 503);
});

Deno.test("a store that is down is told of once, however many ask for playlists", async () => {
  await using stage = await emptied();
  stage.store.fault = () => ({ status: 503, code: "SlowDown" });
  for (let i = 0; i < 3; i++) await httpGet(stage.server.port, `/${SESSION}/index.m3u8`, LOCAL);
  assertEquals(stage.lines.filter((line) => line.startsWith("warning Cannot answer for")), [
    "warning Cannot answer for playlists: the store answers 503 SlowDown",
  ]);
});

Deno.test("of a recording that an earlier run made, the operator's removal counts as of any other, and its recorder's does not", async () => {
  await using stage = await Stage.open({ late: [api(), files()], s3: { existing: true } });
  await stage.stop();
  for (const path of [FLV, MP4]) await stage.write(path, film(1000));
  await stage.start();
  for (const path of [FLV, MP4]) await stage.sent(path);
  for (const path of [FLV, MP4]) await Deno.remove(`${stage.folder}/${path}`);
  stage.tell("remove", FLV, "api");
  stage.tell("remove", MP4, "fmp4");
  assertEquals((await httpGet(stage.server.port, `/${FLV}`, LOCAL)).status, 404);
  assertEquals((await httpGet(stage.server.port, `/${MP4}`, LOCAL)).status, 302);
});

Deno.test("nobody is sent to the store where that is not wished", async () => {
  await using stage = await emptied({ s3: { redirect: false } });
  assertEquals((await httpGet(stage.server.port, `/${FLV}`, LOCAL)).status, 404);
});
