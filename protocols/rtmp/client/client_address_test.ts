import { assertEquals, assertNotMatch, assertThrows } from "@std/assert";
import { parseRtmpAddress, type RtmpAddress } from "./client_address.ts";

const LOCAL: RtmpAddress = {
  host: "localhost",
  port: 1935,
  isTls: false,
  app: "live",
  tcUrl: "rtmp://localhost/live",
  streamName: "cam",
  shown: "localhost:1935",
};

const CASES: readonly { name: string; address: string; parts: Partial<RtmpAddress> }[] = [
  { name: "host, app and stream", address: "rtmp://localhost/live/cam", parts: {} },
  {
    name: "a port",
    address: "rtmp://localhost:1936/live/cam",
    parts: { port: 1936, tcUrl: "rtmp://localhost:1936/live", shown: "localhost:1936" },
  },
  { name: "a key", address: "rtmp://localhost/live/cam?key=a/b&x=1", parts: { streamName: "cam?key=a/b&x=1" } },
  {
    name: "an app of two parts",
    address: "rtmp://localhost/live/_definst_/cam",
    parts: { app: "live/_definst_", tcUrl: "rtmp://localhost/live/_definst_" },
  },
  {
    name: "an app with a query of its own",
    address: "rtmp://localhost/live?vhost=example.com/cam",
    parts: { app: "live?vhost=example.com", tcUrl: "rtmp://localhost/live?vhost=example.com" },
  },
  {
    name: "TLS",
    address: "rtmps://localhost/live/cam",
    parts: { isTls: true, port: 443, tcUrl: "rtmps://localhost/live", shown: "localhost:443" },
  },
  {
    name: "an IPv6 address",
    address: "rtmp://[::1]:1936/live/cam",
    parts: { host: "::1", port: 1936, tcUrl: "rtmp://[::1]:1936/live", shown: "[::1]:1936" },
  },
  {
    name: "a user, who is shown nowhere",
    address: "rtmp://me:se%2Fcret@localhost/live/cam",
    parts: { user: "me", password: "se/cret" },
  },
  { name: "needless slashes", address: "rtmp://localhost//live/cam/", parts: {} },
];

for (const { name, address, parts } of CASES) {
  Deno.test(`an RTMP address has ${name}`, () => assertEquals(parseRtmpAddress(address), { ...LOCAL, ...parts }));
}

const FAULTS: readonly { address: string; says: string }[] = [
  { address: "swordfish", says: "not a URL" },
  { address: "http://localhost/live/swordfish", says: "begins with http:// and is not one of RTMP" },
  { address: "rtmp://localhost/swordfish", says: "names no host, app or stream" },
  { address: "rtmp://localhost/", says: "names no host, app or stream" },
  { address: "rtmp:///live/swordfish", says: "names no host, app or stream" },
  { address: "rtmp://localhost/live?key=swordfish", says: "names no host, app or stream" },
  { address: "rtmp://localhost:99999/live/swordfish", says: "not a URL" },
];

for (const { address, says } of FAULTS) {
  Deno.test(`${address.replace("swordfish", "KEY")} is no RTMP address, and the error does not show its key`, () => {
    const { message } = assertThrows(() => parseRtmpAddress(address), TypeError, says);
    assertNotMatch(message, /swordfish/);
  });
}
