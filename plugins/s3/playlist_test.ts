import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { listingOf } from "./playlist.ts";

const HEAD =
  '#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:2\n#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-MAP:URI="init-0.mp4"\n';
const GROWING =
  `${HEAD}#EXTINF:2,\n0.m4s\n#EXTINF:2,\n1.m4s\n#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI="init-1.mp4"\n#EXTINF:1,\n2.m4s\n`;
const ENDED = `${GROWING}#EXT-X-ENDLIST\n`;

const has = (...files: string[]) => (file: string) => files.includes(file);

Deno.test("a playlist's files are listed in the order in which players need them", () => {
  assertEquals(listingOf(GROWING).files, ["init-0.mp4", "0.m4s", "1.m4s", "init-1.mp4", "2.m4s"]);
  assertEquals(listingOf(ENDED).files, listingOf(GROWING).files);
  assertEquals(listingOf("").files, []);
});

Deno.test("files elsewhere are none of a recording", () => {
  assertEquals(listingOf("#EXTM3U\n#EXTINF:1,\n../0.ts\n#EXTINF:1,\nhttp://x/0.ts\n#EXTINF:1,\n.0.ts\n").files, []);
});

Deno.test("a playlist goes as far as its files are there", () => {
  const { upTo } = listingOf(ENDED);
  assertEquals(upTo(has()), undefined);
  assertEquals(upTo(has("init-0.mp4")), undefined);
  assertEquals(upTo(has("init-0.mp4", "0.m4s")), `${HEAD}#EXTINF:2,\n0.m4s\n`);
  assertEquals(upTo(has("init-0.mp4", "0.m4s", "2.m4s")), `${HEAD}#EXTINF:2,\n0.m4s\n`);
  assertEquals(upTo(() => true), ENDED);
  assertEquals(listingOf(GROWING).upTo(() => true), GROWING);
});

Deno.test("wherever a playlist is torn, what goes is its beginning, and names nothing that is not there", () => {
  fc.assert(fc.property(fc.nat(ENDED.length), fc.subarray([...listingOf(ENDED).files]), (cut, there) => {
    const listing = listingOf(ENDED.slice(0, cut));
    const text = listing.upTo(has(...there));
    if (text === undefined) return;
    assert(ENDED.startsWith(text));
    assert(/\n(\d\.m4s|#EXT-X-ENDLIST)\n$/.test(text));
    assert(listingOf(text).files.every((file) => there.includes(file)));
  }));
});

Deno.test("a segment that is lost is left out, and what comes after it is marked as no continuation", () => {
  const lost = (file: string) => file === "0.m4s";
  const rest = ENDED.replace("#EXTINF:2,\n0.m4s\n#EXTINF:2,\n1", "#EXT-X-DISCONTINUITY\n#EXTINF:2,\n1");
  assertEquals(listingOf(ENDED).upTo((file) => !lost(file), lost), rest);
  const dated =
    "#EXTM3U\n#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00Z\n#EXTINF:2,\n0.m4s\n#EXTINF:2,\n1.m4s\n";
  assertEquals(
    listingOf(dated).upTo((file) => !lost(file), lost),
    "#EXTM3U\n#EXT-X-DISCONTINUITY\n#EXTINF:2,\n1.m4s\n",
  );
});

Deno.test("a playlist ends before what cannot be played without a file that is lost", () => {
  const lost = (file: string) => file === "init-1.mp4";
  assertEquals(listingOf(ENDED).upTo((file) => !lost(file), lost), `${HEAD}#EXTINF:2,\n0.m4s\n#EXTINF:2,\n1.m4s\n`);
});
