import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { type Answer, answerTo } from "./answer.ts";
import { type Caching, MemoryResource } from "./resource.ts";

const MODIFIED = new Date("2026-01-01T10:00:00.700Z");
const NOW = new Date("2026-01-01T12:00:00Z");
const SAME = "Thu, 01 Jan 2026 10:00:00 GMT";
const BEFORE = "Thu, 01 Jan 2026 09:59:59 GMT";
const AFTER = "Thu, 01 Jan 2026 10:00:01 GMT";

function resource({ size = 100, caching = "revalidate" as Caching, modified = MODIFIED as Date | null } = {}) {
  return new MemoryResource(new Uint8Array(size), {
    type: "video/mp2t",
    tag: "abc",
    caching,
    modified: modified ?? undefined,
  });
}

function answer(headers: Record<string, string>, method = "GET", of = resource()): Answer {
  return answerTo({ method, header: (name) => headers[name] }, of, NOW);
}

/** What of the resource is sent, and how the head calls it. */
function piece({ status, headers, body }: Answer): unknown[] {
  return [status, body && `${body.start}-${body.end - 1}`, headers["Content-Range"], headers["Content-Length"]];
}

Deno.test("without conditions and ranges the whole is sent, and what there is to say of it", () => {
  assertEquals(answer({}), {
    status: 200,
    headers: {
      "Access-Control-Allow-Origin": "*",
      "Access-Control-Expose-Headers": "Accept-Ranges, Content-Length, Content-Range, ETag",
      "Cache-Control": "no-cache",
      "Accept-Ranges": "bytes",
      "ETag": '"abc"',
      "Last-Modified": SAME,
      "Content-Type": "video/mp2t",
      "X-Content-Type-Options": "nosniff",
      "Content-Length": 100,
    },
    body: { start: 0, end: 100 },
  });
});

const whole = [200, "0-99", undefined, 100];
const refused = [416, undefined, "bytes */100", undefined];
const part = (start: number, end: number) => [206, `${start}-${end}`, `bytes ${start}-${end}/100`, end - start + 1];

const RANGES: [range: string, expected: unknown[]][] = [
  ["bytes=0-0", part(0, 0)],
  ["bytes=0-", part(0, 99)],
  ["bytes=10-19", part(10, 19)],
  ["bytes=99-", part(99, 99)],
  ["bytes=90-1000", part(90, 99)],
  ["BYTES=0-1", part(0, 1)],
  ["bytes= 0-1 ", part(0, 1)],
  ["bytes=-1", part(99, 99)],
  ["bytes=-100", part(0, 99)],
  ["bytes=-1000", part(0, 99)],
  ["bytes=100-", refused],
  ["bytes=100-200", refused],
  ["bytes=99999999999999999999-", refused],
  ["bytes=-0", refused],
  ["bytes=200-300,400-500", refused],
  ["bytes=0-1,5-6", whole],
  ["bytes=0-1,200-", whole],
  ["bytes=0-,0-,0-,0-", whole],
  ["bytes=5-4", whole],
  ["bytes=", whole],
  ["bytes", whole],
  ["bytes=-", whole],
  ["bytes=a-b", whole],
  ["bytes=0-1x", whole],
  ["bytes=0x0-0x5", whole],
  ["bytes=--5", whole],
  ["bytes=1.5-2", whole],
  ["items=0-1", whole],
  ["", whole],
];

for (const [range, expected] of RANGES) {
  Deno.test(`"Range: ${range}" of 100 bytes is answered with ${expected.slice(0, 2).join(" ")}`, () => {
    assertEquals(piece(answer({ range })), expected);
  });
}

Deno.test("any one range gives exactly the bytes that exist of it", () => {
  fc.assert(fc.property(fc.nat(300), fc.nat(300), fc.integer({ min: 1, max: 200 }), (start, length, size) => {
    const found = answer({ range: `bytes=${start}-${start + length}` }, "GET", resource({ size }));
    const expected = start < size ? [206, start, Math.min(start + length + 1, size)] : [416, undefined, undefined];
    assertEquals([found.status, found.body?.start, found.body?.end], expected);
  }));
});

Deno.test("no range header, however odd, asks for what is not there", () => {
  const odd = fc.string({ unit: fc.constantFrom(..."bytes=0123456789-, x"), maxLength: 30 });
  fc.assert(fc.property(odd, fc.nat(120), (range, size) => {
    const { body } = answer({ range: `bytes=${range}` }, "GET", resource({ size }));
    if (body) assertEquals([body.start >= 0, body.end <= size, body.start <= body.end], [true, true, true]);
  }));
});

Deno.test("of an empty resource the whole is sent, and any range but a last piece is refused", () => {
  const empty = resource({ size: 0 });
  assertEquals(piece(answer({}, "GET", empty)), [200, "0--1", undefined, 0]);
  assertEquals(piece(answer({ range: "bytes=-5" }, "GET", empty)), [200, "0--1", undefined, 0]);
  assertEquals(piece(answer({ range: "bytes=0-" }, "GET", empty)), [416, undefined, "bytes */0", undefined]);
});

const CONDITIONS: [headers: Record<string, string>, status: number][] = [
  [{ "if-none-match": '"abc"' }, 304],
  [{ "if-none-match": '"x", "abc"' }, 304],
  [{ "if-none-match": 'W/"abc"' }, 304],
  [{ "if-none-match": "*" }, 304],
  [{ "if-none-match": '"x"' }, 200],
  [{ "if-none-match": "abc" }, 200],
  [{ "if-none-match": '"x"', "if-modified-since": AFTER }, 200],
  [{ "if-none-match": '"abc"', "if-modified-since": BEFORE }, 304],
  [{ "if-modified-since": SAME }, 304],
  [{ "if-modified-since": AFTER }, 304],
  [{ "if-modified-since": BEFORE }, 200],
  [{ "if-modified-since": "Thursday, 01-Jan-26 10:00:00 GMT" }, 304],
  [{ "if-modified-since": "Thu Jan  1 10:00:00 2026" }, 304],
  [{ "if-modified-since": "yesterday" }, 200],
  [{ "if-match": '"abc"' }, 200],
  [{ "if-match": "*" }, 200],
  [{ "if-match": '"x"' }, 412],
  [{ "if-match": 'W/"abc"' }, 412],
  [{ "if-match": '"abc"', "if-unmodified-since": BEFORE }, 200],
  [{ "if-match": '"x"', "if-none-match": '"abc"' }, 412],
  [{ "if-unmodified-since": BEFORE }, 412],
  [{ "if-unmodified-since": SAME }, 200],
  [{ "if-unmodified-since": "tomorrow" }, 200],
  [{ "if-none-match": '"abc"', "range": "bytes=0-1" }, 304],
  [{ "if-match": '"x"', "range": "bytes=0-1" }, 412],
  [{ "if-none-match": '"x"', "range": "bytes=0-1" }, 206],
  [{ "if-range": '"abc"', "range": "bytes=0-1" }, 206],
  [{ "if-range": '"x"', "range": "bytes=0-1" }, 200],
  [{ "if-range": 'W/"abc"', "range": "bytes=0-1" }, 200],
  [{ "if-range": SAME, "range": "bytes=0-1" }, 206],
  [{ "if-range": BEFORE, "range": "bytes=0-1" }, 200],
  [{ "if-range": AFTER, "range": "bytes=0-1" }, 200],
  [{ "if-range": "nonsense", "range": "bytes=0-1" }, 200],
  [{ "if-range": '"x"', "range": "bytes=500-" }, 200],
  [{ "if-range": '"abc"' }, 200],
];

for (const [headers, status] of CONDITIONS) {
  Deno.test(`${JSON.stringify(headers)} is answered with ${status}`, () => {
    assertEquals(answer(headers).status, status);
  });
}

Deno.test("without a date of change, dates are no conditions", () => {
  const undated = resource({ modified: null });
  const headers = { "if-modified-since": AFTER, "if-unmodified-since": BEFORE };
  assertEquals(answer(headers, "GET", undated).status, 200);
  assertEquals(answer({ "if-range": SAME, "range": "bytes=0-1" }, "GET", undated).status, 200);
  assertEquals(answer({}, "GET", undated).headers["Last-Modified"], undefined);
});

Deno.test("nothing is said to have been changed in the future", () => {
  const future = resource({ modified: new Date(NOW.getTime() + 1000) });
  assertEquals(answer({}, "GET", future).headers["Last-Modified"], undefined);
});

Deno.test("HEAD is told what GET is sent, without ranges, and has its conditions", () => {
  const { headers, body } = answer({ range: "bytes=0-1" }, "HEAD");
  assertEquals([body, headers], [undefined, answer({}).headers]);
  assertEquals(answer({ "if-none-match": '"abc"' }, "HEAD").status, 304);
});

Deno.test("an answer without a body still says for what state it stands and how long it may be kept", () => {
  const { headers } = answer({ "if-none-match": '"abc"' }, "GET", resource({ caching: "immutable" }));
  assertEquals(
    [headers.ETag, headers["Cache-Control"], headers["Content-Length"]],
    ['"abc"', "public, max-age=31536000, immutable", undefined],
  );
});

const CACHING: [caching: Caching, header: string][] = [
  ["never", "no-store"],
  ["revalidate", "no-cache"],
  ["immutable", "public, max-age=31536000, immutable"],
  [{ seconds: 2 }, "public, max-age=2"],
];

for (const [caching, header] of CACHING) {
  Deno.test(`caching ${JSON.stringify(caching)} is "${header}"`, () => {
    assertEquals(answer({}, "GET", resource({ caching })).headers["Cache-Control"], header);
  });
}

Deno.test("bytes in memory have a tag of their own, the same for the same bytes", () => {
  const tagOf = (...bytes: number[]) =>
    new MemoryResource(Uint8Array.from(bytes), { type: "x/y", caching: "never" }).tag;
  assertEquals(tagOf(1, 2, 3), tagOf(1, 2, 3));
  assertEquals(tagOf(1, 2, 3) === tagOf(1, 2, 4), false);
});
