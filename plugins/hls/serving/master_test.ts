import { assert, assertEquals } from "@std/assert";
import { silentLogger } from "../../../kernel/log/log.ts";
import { FakeClock } from "../../../kernel/testing/fake_clock.ts";
import type { Variant } from "../../../media/hls/master_playlist.ts";
import { parseMasterPlaylist } from "../../../media/hls/master_playlist_parser.ts";
import { packetsOf, StreamMaker, type Tag } from "../../../tests/support/stream_maker.ts";
import { masterPlaylist } from "./master.ts";
import { Rendition } from "../rendition.ts";
import { hlsConfig } from "../settings.ts";

/** What the master playlist says of a stream of which so much has come. */
function variantAfter(tags: readonly Tag[]): Variant {
  const rendition = new Rendition({
    ...{ title: "live/cam", uri: "media.m3u8", video: 0, isAligned: false, log: silentLogger, clock: new FakeClock() },
    settings: hlsConfig.parse({}),
  });
  rendition.begin();
  for (const packet of packetsOf(tags)) rendition.write(packet);
  return parseMasterPlaylist(masterPlaylist([{ rendition, uri: rendition.uri }], "")).variants[0];
}

Deno.test("a picture that comes a moment after the sound is in the master playlist with the first segment", () => {
  const sound = new StreamMaker({ video: null, metadata: false });
  const pictures = new StreamMaker({ audio: null, metadata: false, startMs: 400 });
  const [key] = pictures.gop();
  const { codecs, resolution } = variantAfter([...sound.head(), ...sound.gop(), ...pictures.head(), key]);
  assertEquals(codecs, ["avc1.f4000c", "mp4a.40.2"]);
  assert(resolution);
});
