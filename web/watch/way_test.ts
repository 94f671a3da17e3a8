import { assertEquals } from "@std/assert";
import { findMediaSource } from "../player/codec_support.ts";
import { type Way, wayOf } from "./way.ts";

const media = { isTypeSupported: () => true };

for (
  const { name, scope, playsHls, way } of [
    { name: "a computer's browser", scope: { MediaSource: media }, playsHls: false, way: "flv" },
    { name: "Safari on a Mac", scope: { MediaSource: media, ManagedMediaSource: media }, playsHls: true, way: "flv" },
    { name: "an iPhone from iOS 17.1 on", scope: { ManagedMediaSource: media }, playsHls: true, way: "flv" },
    { name: "an older iPhone", scope: {}, playsHls: true, way: "native-hls" },
    { name: "a browser that plays nothing live", scope: {}, playsHls: false, way: "none" },
  ] satisfies { name: string; scope: object; playsHls: boolean; way: Way }[]
) {
  Deno.test(`${name} plays by ${way}`, () => {
    assertEquals(wayOf({ hasMediaSource: findMediaSource(scope) !== undefined, playsHls }), way);
  });
}
