import { assertEquals } from "@std/assert";
import { packetsOf, StreamMaker } from "../tests/support/stream_maker.ts";
import { RoundClock } from "./round_clock.ts";

const maker = new StreamMaker();
const FILM = packetsOf([...maker.head(), ...maker.gops(2)]);

/** The times of a kind of frame in so many rounds, in milliseconds. */
function times(kind: "video" | "audio", rounds: number, film = FILM): number[] {
  const clock = new RoundClock();
  const placed = Array.from({ length: rounds }, () => {
    clock.begin();
    return film.map((packet) => clock.place(packet));
  }).flat();
  return placed.filter((packet) => packet.kind === kind && packet.role !== "config").map(({ dts }) => dts / 1000);
}

Deno.test("the first round keeps its packets as they are", () => {
  const clock = new RoundClock();
  clock.begin();
  for (const packet of FILM) assertEquals(clock.place(packet) === packet, true);
});

Deno.test("a round begins when the longest track of the one before is over", () => {
  const sound = times("audio", 1);
  const end = sound.at(-1)! + (sound.at(-1)! - sound.at(-2)!);
  const pictures = times("video", 3);
  assertEquals(pictures.slice(20, 22), [end, end + 40]);
  assertEquals(pictures[40], 2 * end);
});

/** The film with its sound so many milliseconds later. */
function withLateSound(ms: number) {
  const later = (dts: number) => dts + ms * 1000;
  return FILM.map((packet) => {
    return packet.kind === "audio" ? { ...packet, dts: later(packet.dts), pts: later(packet.pts) } : packet;
  });
}

Deno.test("pictures that are decoded before they are shown leave no gap in the sound", () => {
  const sound = times("audio", 2, withLateSound(80));
  const steps = sound.slice(1).map((time, i) => Math.round(time - sound[i]));
  assertEquals([Math.min(...steps), Math.max(...steps)], [21, 22]);
  const pictures = times("video", 2, withLateSound(80));
  assertEquals(pictures[20] > pictures[19], true);
});

Deno.test("sound that goes on for long behind the pictures has ended before the next round", () => {
  const film = withLateSound(1000);
  const sound = times("audio", 1, film);
  const [, ...pictures] = times("video", 2, film).slice(19);
  assertEquals(sound.at(-1)! - pictures[0] < 200, true);
});

Deno.test("a clock that jumps back within the file does not move the next round", () => {
  const late = new StreamMaker({ startMs: 900_000_000, audio: null });
  const film = packetsOf([...late.head(), ...late.gop()]);
  late.jumpTo(0);
  film.push(...packetsOf(late.gop()));
  const pictures = times("video", 2, film);
  assertEquals(pictures.slice(19, 21), [360, 400]);
});

Deno.test("one frame alone has a usual length", () => {
  const film = FILM.filter(({ role }) => role === "key").slice(0, 1);
  assertEquals(times("video", 3, film), [0, 40, 80]);
});

Deno.test("a file with nothing in it has no rounds", () => {
  assertEquals(times("video", 3, []), []);
});
