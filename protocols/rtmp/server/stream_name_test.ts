import { assertEquals } from "@std/assert";
import { rtmpTarget } from "./stream_name.ts";

interface Case {
  readonly name: string;
  readonly app: string;
  readonly tcUrl?: string;
  readonly stream: string;
  readonly is: string;
  readonly params?: Record<string, string>;
}

const CASES: readonly Case[] = [
  { name: "an app and a stream", app: "live", stream: "cam", is: "live cam" },
  { name: "an app with a slash at its end", app: "live/", stream: "cam", is: "live cam" },
  { name: "an app with a slash before it", app: "/live", stream: "/cam", is: "live cam" },
  { name: "a stream that stands in the app", app: "live/cam", stream: "", is: "live cam" },
  { name: "an app that stands in the stream's name", app: "", stream: "live/cam", is: "live cam" },
  { name: "an app with an instance", app: "live/inst", stream: "cam", is: "live inst/cam" },
  { name: "an app with the default instance", app: "live/_definst_", stream: "cam", is: "live cam" },
  { name: "a stream with a kind of file", app: "live", stream: "flv:cam", is: "live cam" },
  { name: "nothing", app: "", stream: "", is: " " },
  { name: "a key behind the stream", app: "live", stream: "cam?key=abc", is: "live cam", params: { key: "abc" } },
  { name: "a key behind the app", app: "live?key=abc", stream: "cam", is: "live cam", params: { key: "abc" } },
  {
    name: "a key behind the app's slash",
    app: "live/?key=abc",
    stream: "cam",
    is: "live cam",
    params: { key: "abc" },
  },
  {
    name: "a key in tcUrl alone",
    app: "live",
    tcUrl: "rtmp://localhost/live?key=abc",
    stream: "cam",
    is: "live cam",
    params: { key: "abc" },
  },
  {
    name: "queries everywhere, of which the stream's counts most and tcUrl's least",
    app: "live?key=b&vhost=b.example",
    tcUrl: "rtmp://localhost/live?key=c&vhost=c.example&from=c",
    stream: "cam?key=a%20a",
    is: "live cam",
    params: { key: "a a", vhost: "b.example", from: "c" },
  },
];

for (const { name, app, tcUrl = "rtmp://localhost/live", stream, is, params = {} } of CASES) {
  Deno.test(`an address of RTMP is understood: ${name}`, () => {
    const target = rtmpTarget(app, tcUrl, stream);
    assertEquals(`${target.app} ${target.name}`, is);
    const first = new Map([...target.params.keys()].map((key) => [key, target.params.get(key)]));
    assertEquals(Object.fromEntries(first), params);
  });
}
