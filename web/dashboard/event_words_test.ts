import { assertEquals } from "@std/assert";
import { describeEvent } from "./event_words.ts";
import type { ServerEvent } from "./shapes.ts";

const session = { protocol: "rtmp", remote: "192.0.2.7:4000" };

const CASES: { name: string; event: Partial<ServerEvent>; tone: string; text: string }[] = [
  { name: "stream:start", event: { session }, tone: "live", text: "live/cam is live, from 192.0.2.7:4000 by rtmp" },
  { name: "stream:end", event: { data: { reason: "left" } }, tone: "quiet", text: "live/cam has ended: left" },
  {
    name: "play:end",
    event: { session, data: { reason: "kicked" } },
    tone: "quiet",
    text: "192.0.2.7:4000 by rtmp has left live/cam: kicked",
  },
  {
    name: "artifact:complete",
    event: { data: { by: "fmp4", path: "mp4/live/cam/x.mp4", bytes: 1_234_567, seconds: 65 } },
    tone: "quiet",
    text: "fmp4 has written mp4/live/cam/x.mp4, 1:05, 1.2 MB",
  },
  {
    name: "artifact:fail",
    event: { data: { by: "hls", problem: "the disk is full" } },
    tone: "trouble",
    text: "hls cannot write live/cam: the disk is full",
  },
  { name: "something:new", event: {}, tone: "quiet", text: "something:new live/cam" },
];

for (const { name, event, tone, text } of CASES) {
  Deno.test(`${name} is told as "${text}"`, () => {
    const told = describeEvent({ time: "2026-01-01T00:00:00Z", name, stream: "live/cam", data: {}, ...event });
    assertEquals(told, { tone, text });
  });
}
