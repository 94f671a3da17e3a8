import { assertEquals } from "@std/assert";
import { TimestampUnwrapper } from "../../media/flv/timestamps.ts";
import { type Letter, NO_REPAIRS, packet } from "../testing/stamped_packets.ts";
import { type Repairs, Timeline } from "./timeline.ts";

interface Story {
  readonly name: string;
  /**
   * What the publishers send: a letter of `SHAPES` and the stamp in ms, `/` the composition time, `@` the arrival (by
   * default when the packet before arrived); `|` where a publication begins.
   */
  readonly sent: string;
  /** What comes out: `!` marks a discontinuity. */
  readonly placed: string;
  /** What is counted, zeros left out. */
  readonly repairs?: Partial<Repairs>;
}

const STORIES: Story[] = [
  {
    name: "a clean stream from zero",
    sent: "m0 V0 A0 v0 a0 a23 v40 a46 v80",
    placed: "m0 V0 A0 v0 a0 a23 v40 a46 v80",
  },
  {
    name: "a clean stream from a few seconds on, audio a little earlier",
    sent: "V3000 A0 v3000/80 a2980 a3003 v3040/200 v3080",
    placed: "V3000 A0 v3000/80 a2980 a3003 v3040/200 v3080",
  },
  {
    name: "configurations stamped with their first frame",
    sent: "V0 A23 v0 a23 v40",
    placed: "V0 A23 v0 a23 v40",
  },
  {
    name: "a start at 0xFFFFF0 ms, the 24-bit border",
    sent: `v${0xFFFFF0} a${0xFFFFF5} v${0x1000018} a${0x100000C}`,
    placed: "v1000 a1005 v1040 a1028",
  },
  {
    name: "a start at 0x7FFFFFF0 ms, the signed border",
    sent: `v${0x7FFFFFF0} a${0x7FFFFFF5} v${0x80000018} a${0x8000000C}`,
    placed: "v1000 a1005 v1040 a1028",
  },
  {
    name: "a start at 0xFFFFFFF0 ms, wrapping at once",
    sent: `v${0xFFFFFFF0} a${0xFFFFFFF5} v24 a12 v64`,
    placed: "v1000 a1005 v1040 a1028 v1080",
  },
  {
    name: "the track that comes second began before the first",
    sent: "v3600000 a3599500 a3599520 v3600040",
    placed: "v1000 a500 a520 v1040",
  },
  {
    name: "a track that would begin before zero waits at zero",
    sent: "v3600000 a3598900 a3598990 a3599010",
    placed: "v1000 a0 a0 a10",
  },
  {
    name: "negative stamps wait at zero",
    sent: "a0 a20 v0 v4294967280 v24",
    placed: "a0 a20 v0 v0 v24",
    repairs: { stepsBack: 1 },
  },
  {
    name: "a step back of 40 ms is waited out",
    sent: "a1000 a1020 a980 a1000 a1020 a1040",
    placed: "a1000 a1020 a1020 a1020 a1020 a1040",
    repairs: { stepsBack: 1 },
  },
  {
    name: "a step back of 400 ms is waited out by both tracks, which stay in step",
    sent: "v1000 a1000 v1040 a1020 v640 a620 v880 a860 v1120 a1100",
    placed: "v1000 a1000 v1040 a1020 v1040 a1020 v1040 a1020 v1120 a1100",
    repairs: { stepsBack: 2 },
  },
  {
    name: "a step back of 3 s is closed without a gap",
    sent: "v5000 a5000 v5040 a5020 v2040 a2040 v2080 a2060",
    placed: "v5000 a5000 v5040 a5020 v5080! a5080! v5120 a5100",
    repairs: { jumps: 1 },
  },
  {
    name: "a jump of hours forward",
    sent: "v1000 a1000 v1040 a1020 v10001080 a10001040 v10001120",
    placed: "v1000 a1000 v1040 a1020 v1080! a1040! v1120",
    repairs: { jumps: 1 },
  },
  {
    name: "a jump of hours back",
    sent: `| a72000000 a72000020 v72000000 a1000 v1000 a1020`,
    placed: "a1000 a1020 v1000 a1040! v1040! a1060",
    repairs: { jumps: 1 },
  },
  {
    name: "a restart at zero, noticed by video first, while old audio still comes",
    sent: "v9000 a9000 v9040 a9020 v0 a9040 a9060 v40 a0 a20 v80",
    placed: "v9000 a9000 v9040 a9020 v9080! a9040 a9060 v9120 a9080! a9100 v9160",
    repairs: { jumps: 1 },
  },
  {
    name: "a restart at zero, noticed by audio first, while old video still comes",
    sent: "v9000 a9000 a9020 a0 v9040 v9080 a20 v0 a40 v40",
    placed: "v9000 a9000 a9020 a9040! v9040 v9080 a9060 v9080! a9080 v9080",
    repairs: { jumps: 1 },
  },
  {
    name: "a jump that only one track finds too long is followed by the other",
    sent: "a1000 v1000 a1020 v1040 a6060 v6039 a6080 v6079",
    placed: "a1000 v1000 a1020 v1040 a1040! v1040! a1060 v1059",
    repairs: { jumps: 1 },
  },
  {
    name: "a step back that only one track finds too long is followed by the one that waited",
    sent: "v1000 a1000 v1040 a1020 v550 a515 v590 a535",
    placed: "v1000 a1000 v1040 a1020 v1040 a1040! v1115! a1060",
    repairs: { jumps: 1, stepsBack: 1 },
  },
  {
    name: "a step back that one track waits out before another finds it too long",
    sent: "v1000 a1000 v1040 a1020 a820 v490 a840 v530 a860",
    placed: "v1000 a1000 v1040 a1020 a1020 v1080! a1430! v1120 a1450",
    repairs: { jumps: 1, stepsBack: 1 },
  },
  {
    name: "a jump of one second back is followed by sparse video, to which it would be none",
    sent: "v0 a0 a5000 a10000 a9000 v9040",
    placed: "v0 a0 a5000 a10000 a10040! v10080!",
    repairs: { jumps: 1 },
  },
  {
    name: "frames from before a jump may come long after it",
    sent: "v5000 a5000 a4000 a4500 a4980 v5040 v4040",
    placed: "v5000 a5000 a5040! a5540 a6020 v5040 v5080!",
    repairs: { jumps: 1 },
  },
  {
    name: "a configuration from before a jump",
    sent: "a5000 v5000 a4000 V5040 v5040",
    placed: "a5000 v5000 a5040! V5040 v5040",
    repairs: { jumps: 1 },
  },
  {
    name: "a configuration before frames that begin elsewhere",
    sent: "V9000 v3600000 v3600040",
    placed: "V9000 v9000 v9040",
  },
  {
    name: "data keeps its stamps without moving the stream",
    sent: "| a0 a5000 m1000 m9000 a5020 m0 | a0",
    placed: "a0 a5000 m1000 m9000 a5020 m9000 a5040!",
  },
  {
    name: "one wild stamp: the track returns to the clock it shares",
    sent: "v1000 a1000 v1040 a1020 v9001080 a1040 v1120 a1060",
    placed: "v1000 a1000 v1040 a1020 v1080! a1040 v1120! a1060",
    repairs: { jumps: 1 },
  },
  {
    name: "audio alone with a jump",
    sent: "A0 a0 a20 a40 a500000 a500020",
    placed: "A0 a0 a20 a40 a60! a80",
    repairs: { jumps: 1 },
  },
  {
    name: "video alone with a restart",
    sent: "V0 v0 v40 v2000 v4000 v0 v40",
    placed: "V0 v0 v40 v2000 v4000 v4040! v4080",
    repairs: { jumps: 1 },
  },
  {
    name: "audio 5 s ahead at the start, arriving with the video",
    sent: "v0 a5000 v40 a5020",
    placed: "v0 a0 v40 a20",
    repairs: { realigned: 1 },
  },
  {
    name: "video 5 s ahead at the start, arriving with the audio",
    sent: "a0 v5000 a20 v5040",
    placed: "a0 v0 a20 v40",
    repairs: { realigned: 1 },
  },
  {
    name: "audio 5 s behind at the start, arriving with the video",
    sent: "v5000 a0 v5040 a20",
    placed: "v5000 a5000 v5040 a5020",
    repairs: { realigned: 1 },
  },
  {
    name: "video that truly begins later",
    sent: "a0 a1000 a2000 a3000 a4000 v4040 a5000",
    placed: "a0 a1000 a2000 a3000 a4000 v4040 a5000",
  },
  {
    name: "tracks with clocks of their own do not disturb each other",
    sent: "a0 v5000 a20 v5040 a5020 v10040 a5040 v10080",
    placed: "a0 v0 a20 v40 a5020 v5040 a5040 v5080",
    repairs: { realigned: 1 },
  },
  {
    name: "composition times, large and negative, are kept",
    sent: "v3600000/8388 v3600040/-120 a3600000/0 v0/33 v40/-8388",
    placed: "v1000/8388 v1040/-120 a1000/0 v1080!/33 v1120/-8388",
    repairs: { jumps: 1 },
  },
  {
    name: "metadata and configurations stamped 0 in a stream that is elsewhere",
    sent: "m0 V0 A0 v3600000 a3600000 m0 V0 A0 v3600040 a3600020 H0 E0",
    placed: "m0 V0 A0 v1000 a1000 m1000 V1000 A1000 v1040 a1020 H1040 E1040",
  },
  {
    name: "metadata and configurations stamped elsewhere in a stream from 0",
    sent: "m3600000 V3600000 A90000 v0 a0 m3600000 V3600000 v40",
    placed: "m0 V0 A0 v0 a0 m0 V0 v40",
  },
  {
    name: "configurations keep their own stamps where those fit",
    sent: "v3600000 a3600000 V3600040 v3600040 m3600045 a3600023",
    placed: "v1000 a1000 V1040 v1040 m1045 a1023",
  },
  {
    name: "a configuration a little early holds nothing back for long",
    sent: "v1000 v1040 V1400 v1080 v1400 v1440",
    placed: "v1000 v1040 V1400 v1400 v1400 v1440",
  },
  {
    name: "a configuration of a track that comes late does not hold its frames back",
    sent: "a3600000 a3601500 V0 v3600000 v3600040",
    placed: "a1000 a2500 V500 v1000 v1040",
  },
  {
    name: "a configuration after a jump, before the frames",
    sent: "v5000 a5000 v5040 a5020 a0 V20 v20",
    placed: "v5000 a5000 v5040 a5020 a5040! V5060 v5060!",
    repairs: { jumps: 1 },
  },
  {
    name: "sparse video beside audio",
    sent: "a0 v0 a5000 a10000 a15000 a20000 v20000 a25000 a30000 a35000 a40000 v40000",
    placed: "a0 v0 a5000 a10000 a15000 a20000 v20000 a25000 a30000 a35000 a40000 v40000",
  },
  {
    name: "sparse video, alone, in real time",
    sent: "v0@0 v20000@20000 v40000@39000",
    placed: "v0 v20000 v40000",
  },
  {
    name: "several tracks share one clock through a jump",
    sent: "v1000 w1000 a1000 b1000 v1040 w1040 a1020 b1020 w0 b0 v0 a0",
    placed: "v1000 w1000 a1000 b1000 v1040 w1040 a1020 b1020 w1080! b1080! v1080! a1080!",
    repairs: { jumps: 1 },
  },
  {
    name: "a track that comes an hour later, counting from zero",
    sent: "a0 @3600000 a3600000 v0 v40",
    placed: "a0 a3600000 v3600000 v3600040",
    repairs: { realigned: 1 },
  },
  {
    name: "a long pause during which the stamps went on is kept",
    sent: "v1000@0 a1000@0 v61000@60000 a61000@60000 v61040",
    placed: "v1000 a1000 v61000 a61000 v61040",
  },
  {
    name: "a long pause during which the stamps stood still is no pause",
    sent: "v1000@0 a1000@0 v1040@60000 a1020@60000 v1080",
    placed: "v1000 a1000 v1040 a1020 v1080",
  },
  {
    name: "metadata first after a pause does not hide how long it was",
    sent: "v1000@0 m31000@30000 v31000@30000",
    placed: "v1000 m31000 v31000",
  },
  {
    name: "a track that was away and counts on from where it was",
    sent: "a0 v0 a20 v5000 v10000 v15000 a40 a60",
    placed: "a0 v0 a20 v5000 v10000 v15000 a15000! a15020",
    repairs: { realigned: 1 },
  },
  {
    name: "a returning publisher counts on from anywhere, without a gap",
    sent: "| V0 v0 a0 v40 a20 | V0 A0 v7200000 a7200000 v7200040",
    placed: "V0 v0 a0 v40 a20 V40 A20 v80! a80! v120",
  },
  {
    name: "a returning publisher whose second track began earlier",
    sent: "| v0 a0 v40 a20 | v1000 a980 a1000 v1040",
    placed: "v0 a0 v40 a20 v80! a60! a80 v120",
  },
  {
    name: "two publishers in turn, three times",
    sent: "| v0 a0 | v500 a500 | a90 v110 | v0 a5",
    placed: "v0 a0 v40! a40! a80! v100! v140! a145!",
  },
  {
    name: "a second publisher brings a track that the first had not",
    sent: "| a0 a20 | a0 v0",
    placed: "a0 a20 a40! v40!",
  },
  {
    name: "a configuration of a track that the first publisher had not",
    sent: "| a0 a5000 | V0 a0 v0",
    placed: "a0 a5000 V3000 a5040! v5040!",
  },
  {
    name: "a publication without frames is no publication",
    sent: "| V0 A0 | V0 A0 v0 a0",
    placed: "V0 A0 V0 A0 v0 a0",
  },
  {
    name: "both tracks with equal stamps, twice the same one",
    sent: "v0 a0 v40 a40 v40 a40 v80 a80",
    placed: "v0 a0 v40 a40 v40 a40 v80 a80",
  },
];

for (const { name, sent, placed, repairs } of STORIES) {
  Deno.test(`timeline: ${name}`, () => {
    const timeline = new Timeline();
    assertEquals(tell(timeline, sent), placed);
    assertEquals({ ...timeline.repairs }, { ...NO_REPAIRS, ...repairs });
  });
}

/** Plays a story and writes down what comes out. */
function tell(timeline: Timeline, sent: string): string {
  let unwrapper = new TimestampUnwrapper();
  let now = 0;
  const placed: string[] = [];
  for (const word of sent.split(" ")) {
    if (word === "|") {
      timeline.begin();
      unwrapper = new TimestampUnwrapper();
      continue;
    }
    const [, letter, stamp, composition, arrival] = word.match(/^([a-zA-Z]?)(\d*)(?:\/(-?\d+))?(?:@(\d+))?$/) ?? [];
    if (arrival) now = Number(arrival);
    if (!letter) continue;
    const raw = packet(letter as Letter, unwrapper.unwrap(Number(stamp)) * 1000, Number(composition ?? 0) * 1000);
    const out = timeline.place(raw, now);
    const shown = composition === undefined ? "" : `/${(out.pts - out.dts) / 1000}`;
    placed.push(`${letter}${out.dts / 1000}${out.discontinuity ? "!" : ""}${shown}`);
  }
  return placed.join(" ");
}
