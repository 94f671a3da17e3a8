import { assert, assertEquals, assertNotMatch, assertRejects, assertThrows } from "@std/assert";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { eventually } from "../../tests/support/eventually.ts";
import { digested, multipartEtag } from "./digests.ts";
import { objectHeaders } from "./object_headers.ts";
import { confirmWhole, Store, type StoreOptions } from "./store.ts";
import { StoreError } from "./store_error.ts";
import { FakeStore, type Fault, type SeenRequest } from "./testing/fake_store.ts";

const KEY = "flv/live/cam/20260101_100000.flv";
const never = new AbortController().signal;

function open(fake: FakeStore, options: Partial<StoreOptions> = {}): { store: Store; clock: FakeClock } {
  const clock = new FakeClock();
  const store = new Store({
    location: { endpoint: fake.endpoint, region: "us-east-1", bucket: "films", addressing: "auto" },
    credentials: { accessKeyId: "WHO", secretAccessKey: "sesame", sessionToken: "session" },
    fetch,
    clock,
    timeoutMs: 1000,
    headersOf: (key) => objectHeaders(key, { storageClass: "STANDARD_IA", acl: "private" }),
    ...options,
  });
  return { store, clock };
}

function bytesOf(text: string) {
  return digested(new TextEncoder().encode(text));
}

const film = await bytesOf("film");

/** Once. */
function once(fault: Fault): (request: SeenRequest) => Fault | undefined {
  let next: Fault | undefined = fault;
  return () => {
    const now = next;
    next = undefined;
    return now;
  };
}

Deno.test("an object is put with what players and caches have to know of it, and can be looked at", async () => {
  await using fake = await FakeStore.start();
  const { store } = open(fake);
  await store.put(KEY, await bytesOf("film"), never);
  await store.put("hls/live/cam/record.m3u8", await bytesOf("#EXTM3U"), never);
  const { etag, headers } = fake.objects.get(KEY)!;
  assertEquals(await store.look(KEY, never), { bytes: 4, etag, encryption: "" });
  assertEquals(await store.look("none", never), undefined);
  assertEquals(await store.read(KEY, never), "film");
  assertEquals(await store.read("none", never), undefined);
  const shown = ["content-type", "cache-control", "x-amz-storage-class", "x-amz-acl", "x-amz-security-token"];
  const list = fake.objects.get("hls/live/cam/record.m3u8")!.headers;
  assertEquals(shown.map((name) => [headers[name], list[name]]), [
    ["video/x-flv", "application/vnd.apple.mpegurl"],
    ["public, max-age=31536000, immutable", "no-cache"],
    ["STANDARD_IA", undefined],
    ["private", "private"],
    ["session", "session"],
  ]);
});

Deno.test("what answers 200 to everything is not taken for a store that has what it was sent", async () => {
  await using fake = await FakeStore.start();
  const { store } = open(fake);
  fake.fault = () => "page";
  for (const ask of [() => store.put(KEY, film, never), () => store.putPart(KEY, "upload", 1, film, never)]) {
    const error = await assertRejects(ask, StoreError, "it may be no store");
    assertEquals(error.fault, "busy");
  }
});

Deno.test("a store says how long it wants to be left alone", async () => {
  await using fake = await FakeStore.start();
  const { store, clock } = open(fake);
  const at = new Date(clock.date().getTime() + 20_000).toUTCString();
  for (const [value, pauseMs] of [["30", 30_000], [at, 20_000], ["soon", 0], ["-1", 0]] as const) {
    fake.fault = () => ({ status: 503, code: "SlowDown", headers: { "retry-after": value } });
    const error = await assertRejects(() => store.put(KEY, film, never), StoreError);
    assertEquals([value, error.pauseMs], [value, pauseMs]);
  }
});

Deno.test("an object is put together from parts that came in any order and again", async () => {
  await using fake = await FakeStore.start(3);
  const { store } = open(fake);
  const upload = await store.begin(KEY, never);
  const send = async (number: number, text: string) => {
    const body = await bytesOf(text);
    return { number, md5: body.md5, etag: await store.putPart(KEY, upload, number, body, never) };
  };
  const parts = [await send(2, "def"), await send(3, "g"), await send(1, "xyz"), await send(1, "abc")];
  const whole = [parts[3], parts[0], parts[1]];
  await store.complete(KEY, upload, whole, never);
  assertEquals(new TextDecoder().decode(fake.bytes(KEY)), "abcdefg");
  const found = await store.look(KEY, never);
  const md5s = whole.map(({ md5 }) => md5);
  assertEquals(found?.etag, multipartEtag(md5s));
  confirmWhole(found, 7, md5s);
  assertThrows(() => confirmWhole(found, 8, md5s), StoreError, "the store has 7 bytes, or other ones,");
  assertThrows(() => confirmWhole(found, 7, md5s.toReversed()), StoreError, "the store has 7 bytes, or other ones,");
  assertThrows(() => confirmWhole(undefined, 7, md5s), StoreError, "the store has nothing");
  await assertRejects(() => store.complete(KEY, upload, whole, never), StoreError, "NoSuchUpload");
});

Deno.test("an upload that is given up is gone", async () => {
  await using fake = await FakeStore.start();
  const { store } = open(fake);
  const upload = await store.begin(KEY, never);
  await store.begin(`${KEY}.other`, never);
  assertEquals(await store.begun(KEY, never), [upload]);
  await store.abort(KEY, upload, never);
  assertEquals([await store.begun(KEY, never), fake.uploads.size], [[], 1]);
});

const FAULTS: readonly [fault: Fault, kind: StoreError["fault"], message: string][] = [
  [{ status: 503, code: "SlowDown" }, "busy", "the store answers 503 SlowDown"],
  [{ status: 500, code: "InternalError" }, "busy", "the store answers 500 InternalError"],
  [{ status: 403, code: "AccessDenied" }, "refused", "the store refuses: 403 AccessDenied (AccessDenied it is)"],
  ["reset", "unreachable", "the store cannot be reached: "],
  ["lost", "unreachable", "the store cannot be reached: "],
  ["garbled", "busy", "the store has stored something else than what it was sent"],
];

for (const [fault, kind, message] of FAULTS) {
  const name = typeof fault === "object" ? fault.code : fault;
  Deno.test(`a store that is ${kind} is told of in words: ${name}`, async () => {
    await using fake = await FakeStore.start();
    fake.fault = () => fault;
    const { store } = open(fake);
    const body = await bytesOf("film");
    const error = await assertRejects(() => store.put(KEY, body, never), StoreError, message);
    assertEquals(error.fault, kind);
    fake.fault = () => undefined;
    const upload = await store.begin(KEY, never);
    // A connection that is cut is tried again by whoever fetches, so it is cut each time.
    fake.fault = () => fault;
    await assertRejects(() => store.putPart(KEY, upload, 1, body, never), StoreError, message);
  });
}

Deno.test("what a store says of who asks goes no further", async () => {
  await using fake = await FakeStore.start();
  fake.fault = () => ({ status: 403, code: "InvalidAccessKeyId WHO sesame" });
  const { store } = open(fake);
  const error = await assertRejects(() => store.look(KEY, never).then(() => store.read(KEY, never)), StoreError);
  assertNotMatch(error.message, /WHO|sesame/);
  const body = await bytesOf("film");
  const refused = "the store refuses: 403 InvalidAccessKeyId *** *** (InvalidAccessKeyId *** *** it is)";
  await assertRejects(() => store.put(KEY, body, never), StoreError, refused);
});

Deno.test("an error in the answer of a store that took long to put an object together is one", async () => {
  await using fake = await FakeStore.start();
  const { store } = open(fake);
  const upload = await store.begin(KEY, never);
  const body = await bytesOf("film");
  const part = { number: 1, md5: body.md5, etag: await store.putPart(KEY, upload, 1, body, never) };
  fake.fault = once("late error");
  await assertRejects(
    () => store.complete(KEY, upload, [part], never),
    StoreError,
    "the store answers 500 InternalError",
  );
  await store.complete(KEY, upload, [part], never);
  assertEquals(new TextDecoder().decode(fake.bytes(KEY)), "film");
});

Deno.test("a store that does not answer is not waited for longer than it may take", async () => {
  await using fake = await FakeStore.start();
  fake.fault = () => "hang";
  const { store, clock } = open(fake);
  const asked = assertRejects(() => store.look(KEY, never), StoreError, "the store has not answered within 1 s");
  await eventually(() => fake.seen.length === 1, "the store was not asked");
  clock.advance(1000);
  await asked;
  assertEquals(clock.pending, 0);
});

Deno.test("who stops asking is not told that the store failed", async () => {
  await using fake = await FakeStore.start();
  fake.fault = () => "hang";
  const { store, clock } = open(fake);
  const leaving = new AbortController();
  const asked = assertRejects(() => store.look(KEY, leaving.signal), DOMException, "leaving");
  await eventually(() => fake.seen.length === 1, "the store was not asked");
  leaving.abort(new DOMException("leaving"));
  await asked;
  assertEquals(clock.pending, 0);
});

Deno.test("a signed address lets whoever has it read an object, and tells no secret", async () => {
  await using fake = await FakeStore.start();
  const { store } = open(fake);
  await store.put(KEY, await bytesOf("film"), never);
  const url = await store.signedUrl(KEY, 600);
  const { pathname, searchParams } = new URL(url);
  assertEquals([pathname, searchParams.get("X-Amz-Expires")], [`/films/${KEY}`, "600"]);
  assert(searchParams.has("X-Amz-Signature"));
  assertNotMatch(url, /sesame/);
  assertEquals(await (await fetch(url)).text(), "film");
});
