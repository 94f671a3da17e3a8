import { assertEquals } from "@std/assert";
import { playAddress, playAddresses, publishHints } from "./addresses.ts";

const plain = { page: new URL("http://192.168.1.7:8501/index.html"), rtmpPort: 1935 };

Deno.test("a stream is played from the host and port that the page came from", () => {
  assertEquals(playAddress("live/demo", "http-flv", plain), "http://192.168.1.7:8501/live/demo.flv");
  assertEquals(playAddress("live/demo", "ws-flv", plain), "ws://192.168.1.7:8501/live/demo.flv");
});

Deno.test("a page that came over TLS plays over TLS", () => {
  const secure = { page: new URL("https://tv.example/index.html"), rtmpPort: 1935 };
  assertEquals(playAddress("live/demo", "http-flv", secure), "https://tv.example/live/demo.flv");
  assertEquals(playAddress("live/demo", "ws-flv", secure), "wss://tv.example/live/demo.flv");
});

Deno.test("the page's query goes along with the stream's address", () => {
  const address = playAddress("live/demo", "http-flv", plain, "?key=secret");
  assertEquals(address, "http://192.168.1.7:8501/live/demo.flv?key=secret");
});

Deno.test("addresses to copy are RTMP without its usual port, HTTP-FLV, WS-FLV and HLS", () => {
  assertEquals(playAddresses("live/demo", plain), [
    { label: "RTMP", text: "rtmp://192.168.1.7/live/demo" },
    { label: "HTTP-FLV", text: "http://192.168.1.7:8501/live/demo.flv" },
    { label: "WS-FLV", text: "ws://192.168.1.7:8501/live/demo.flv" },
    { label: "HLS", text: "http://192.168.1.7:8501/hls/live/demo/index.m3u8" },
  ]);
});

Deno.test("an unusual RTMP port and an IPv6 host are written as they must be", () => {
  const server = { page: new URL("http://[::1]:8501/"), rtmpPort: 1936 };
  assertEquals(playAddresses("live/demo", server)[0].text, "rtmp://[::1]:1936/live/demo");
});

Deno.test("OBS is told server and key apart, ffmpeg the whole address", () => {
  assertEquals(publishHints("live/cam", plain).map(({ label, text }) => [label, text.split(" ").at(-1)]), [
    ["OBS: Server", "rtmp://192.168.1.7/live"],
    ["OBS: Stream key", "cam"],
    ["ffmpeg", "rtmp://192.168.1.7/live/cam"],
  ]);
});

Deno.test("a server without RTMP names no RTMP address and publishes over HTTP", () => {
  const server = { ...plain, rtmpPort: null };
  assertEquals(playAddresses("live/demo", server).map(({ label }) => label), ["HTTP-FLV", "WS-FLV", "HLS"]);
  const hints = publishHints("live/cam", server);
  assertEquals(hints.length, 1);
  assertEquals(hints[0].text.split("-f flv ")[1], "-method POST http://192.168.1.7:8501/live/cam.flv");
});
