import { assertEquals } from "@std/assert";
import { encodeAmf0 } from "../../../media/amf/amf0.ts";
import { type AmfObject, type AmfValue, EcmaArray } from "../../../media/amf/amf_value.ts";
import { concat } from "../../../media/bytes.ts";
import { bytes, splits } from "../../../media/testing.ts";
import type { ServerEvent } from "./server_events.ts";
import { rtmpTarget } from "./stream_name.ts";
import { ChunkScript, MachineUnderTest, saysYes } from "../testing.ts";

/** What an encoder or a player sends behind its handshake. */
interface Session {
  readonly name: string;
  /** Begins with commands, as if it waited for no answer. */
  begins(script: ChunkScript): unknown;
  /** What it sends once it has been accepted. */
  goesOn?(script: ChunkScript): unknown;
  /** Its last words. */
  ends?(script: ChunkScript): unknown;
  /** What the machine tells, each in a few words. */
  readonly told: readonly string[];
  /** Status codes and names of commands that the peer hears. */
  readonly hears: readonly string[];
}

const METADATA = encodeAmf0("@setDataFrame", "onMetaData", new EcmaArray({ width: 320, videocodecid: 7 }));
const VIDEO = bytes("17010000 00aabbcc");
const AUDIO = bytes("af01 2110");
const PUBLISH_ANSWERS = [
  "NetConnection.Connect.Success",
  "_result",
  "_result",
  "NetStream.Publish.Start",
  "_result",
  "NetStream.Publish.Start",
];
const PUBLISHED = ["connect", "publish live/cam", "18@0", "8@0", "9@0", "8@23", "unpublish"];

function amf3(...values: AmfValue[]): Uint8Array {
  return concat([bytes("00"), encodeAmf0(...values)]);
}

function connect(more: AmfObject = {}): AmfObject {
  return { app: "live", tcUrl: "rtmp://localhost/live", ...more };
}

const SESSIONS: readonly Session[] = [
  {
    name: "ffmpeg publishes: short headers, its own chunk size, the stream's commands on chunk stream 8",
    begins(script) {
      const flashVer = "FMLE/3.0 (compatible; Lavf60.16.100)";
      script.command(0, 3, 0, "connect", 1, connect({ type: "nonprivate", flashVer, fourCcList: ["hvc1", "av01"] }));
      script.chunkSize(60_000).command(1, 3, 0, "releaseStream", 2, null, "cam");
      script.command(1, 3, 0, "FCPublish", 3, null, "cam").command(1, 3, 0, "createStream", 4, null);
      script.command(0, 8, 1, "publish", 5, null, "cam", "live");
    },
    goesOn(script) {
      script.message(1, 8, { type: 18 }, METADATA);
      script.message(0, 4, { type: 8, streamId: 1 }, AUDIO).message(0, 6, { type: 9, streamId: 1 }, VIDEO);
      script.message(1, 4, { type: 8, time: 23 }, AUDIO);
    },
    ends(script) {
      script.command(1, 3, 0, "FCUnpublish", 6, null, "cam").command(1, 3, 0, "deleteStream", 7, null, 1);
    },
    told: PUBLISHED,
    hears: [...PUBLISH_ANSWERS, "_result"],
  },
  {
    name: "OBS publishes: librtmp's medium headers, all media on chunk stream 4",
    begins(script) {
      const flashVer = "FMLE/3.0 (compatible; FMSc/1.0)";
      const object = connect({ type: "nonprivate", flashVer, swfUrl: "rtmp://localhost/live" });
      script.command(0, 3, 0, "connect", 1, object).chunkSize(4096);
      script.command(1, 3, 0, "releaseStream", 2, null, "cam?key=1").command(
        1,
        3,
        0,
        "FCPublish",
        3,
        null,
        "cam?key=1",
      );
      script.command(1, 3, 0, "createStream", 4, null).command(0, 4, 1, "publish", 5, null, "cam?key=1", "live");
    },
    goesOn(script) {
      script.message(0, 4, { type: 18, streamId: 1 }, METADATA).message(1, 4, { type: 8 }, AUDIO);
      script.message(1, 4, { type: 9 }, VIDEO).message(1, 4, { type: 8, time: 23 }, AUDIO);
    },
    ends(script) {
      script.userControl(1, 7, 1234).command(1, 3, 0, "FCUnpublish", 6, null, "cam?key=1");
      script.command(1, 3, 0, "deleteStream", 7, null, 1);
    },
    told: ["connect", "publish live/cam key=1", ...PUBLISHED.slice(2)],
    hears: [...PUBLISH_ANSWERS, "_result"],
  },
  {
    name: "FMLE publishes: pings first, waits for onFCPublish, ends with closeStream",
    begins(script) {
      const flashVer = "FMLE/3.0 (compatible; FMSc/1.0)";
      const object = connect({ flashVer, swfUrl: "rtmp://localhost/live", type: "nonprivate" });
      script.command(0, 3, 0, "connect", 1, object).control(0, 5, 2_500_000).userControl(0, 3, 0, 0);
      script.command(1, 3, 0, "releaseStream", 2, null, "cam").command(1, 3, 0, "FCPublish", 3, null, "cam");
      script.command(1, 3, 0, "createStream", 4, null).command(0, 5, 1, "publish", 5, null, "cam", "live");
    },
    goesOn(script) {
      script.message(0, 4, { type: 18, streamId: 1 }, METADATA).message(0, 4, { type: 8, streamId: 1 }, AUDIO);
      script.message(0, 5, { type: 9, streamId: 1 }, VIDEO).message(2, 4, { time: 23 }, AUDIO);
    },
    ends(script) {
      script.command(0, 5, 1, "closeStream", 0, null).command(0, 3, 0, "FCUnpublish", 6, null, "cam");
    },
    told: PUBLISHED,
    hears: [...PUBLISH_ANSWERS, "_result"],
  },
  {
    name: "Wirecast asks for a stream called false",
    begins(script) {
      script.command(0, 3, 0, "connect", 1, connect({ type: "nonprivate", flashVer: "FMLE/3.0", objectEncoding: 0 }));
      script.command(1, 3, 0, "releaseStream", 2, null, false).command(1, 3, 0, "FCPublish", 3, null, false);
      script.command(1, 3, 0, "createStream", 4, null).command(0, 4, 1, "publish", 5, null, false, "live");
    },
    told: ["connect", "publish live/"],
    hears: [
      "NetConnection.Connect.Success",
      "_result",
      "_result",
      "NetStream.Publish.Start",
      "_result",
      "NetStream.Publish.Start",
    ],
  },
  {
    name: "GStreamer publishes: the window first, no transaction for what needs no answer, no kind of publish",
    begins(script) {
      script.control(0, 5, 2_500_000).command(
        0,
        3,
        0,
        "connect",
        1,
        connect({ type: "nonprivate", objectEncoding: 0 }),
      );
      script.command(0, 3, 0, "releaseStream", 0, null, "cam").command(0, 3, 0, "FCPublish", 0, null, "cam");
      script.command(0, 3, 0, "createStream", 2, null).command(0, 4, 1, "publish", 0, null, "cam");
    },
    goesOn(script) {
      script.message(0, 7, { type: 18, streamId: 1 }, METADATA).message(0, 5, { type: 8, streamId: 1 }, AUDIO);
      script.message(0, 7, { type: 9, streamId: 1 }, VIDEO).message(0, 5, { type: 8, streamId: 1, time: 23 }, AUDIO);
    },
    ends(script) {
      script.command(0, 3, 0, "FCUnpublish", 0, null, "cam").command(0, 3, 0, "deleteStream", 0, null, 1);
    },
    told: PUBLISHED,
    hears: [
      "NetConnection.Connect.Success",
      "NetStream.Publish.Start",
      "_result",
      "NetStream.Publish.Start",
    ],
  },
  {
    name: "vMix publishes: the app ends with a slash, and the metadata comes without @setDataFrame",
    begins(script) {
      const object = connect({ app: "live/", tcUrl: "rtmp://localhost/live/", type: "nonprivate" });
      script.command(0, 3, 0, "connect", 1, object).chunkSize(8192);
      script.command(0, 3, 0, "releaseStream", 2, null, "cam").command(0, 3, 0, "FCPublish", 3, null, "cam");
      script.command(0, 3, 0, "createStream", 4, null).command(0, 8, 1, "publish", 5, null, "cam", "live");
    },
    goesOn(script) {
      script.message(0, 4, { type: 18, streamId: 1 }, METADATA.subarray(16));
      script.message(0, 4, { type: 8, streamId: 1 }, AUDIO).message(0, 6, { type: 9, streamId: 1 }, VIDEO);
      script.message(2, 4, { time: 23 }, AUDIO);
    },
    ends: (script) => script.command(0, 3, 0, "deleteStream", 6, null, 1),
    told: PUBLISHED,
    hears: PUBLISH_ANSWERS,
  },
  {
    name: "a drone publishes: stream and key in the app, none in publish, and a connect that is cut short",
    begins(script) {
      const object = encodeAmf0({ app: "live/cam?key=1", tcUrl: "rtmp://localhost/live/cam?key=1" });
      const connect = concat([encodeAmf0("connect", 1), object.subarray(0, -3)]);
      script.message(0, 3, { type: 20 }, connect).command(0, 3, 0, "createStream", 2, null);
      script.command(0, 8, 1, "publish", 3, null, "", "live");
    },
    goesOn(script) {
      script.message(0, 4, { type: 18, streamId: 1 }, METADATA).message(0, 4, { type: 8, streamId: 1 }, AUDIO);
      script.message(0, 6, { type: 9, streamId: 1 }, VIDEO).message(1, 4, { type: 8, time: 23 }, AUDIO);
    },
    ends(script) {
      script.command(0, 3, 0, "deleteStream", 4, null, 1);
    },
    told: ["connect", "publish live/cam key=1", ...PUBLISHED.slice(2)],
    hears: ["NetConnection.Connect.Success", "_result", "NetStream.Publish.Start"],
  },
  {
    name: "a phone publishes in AMF3, and its data too",
    begins(script) {
      script.command(0, 3, 0, "connect", 1, connect({ objectEncoding: 3 }));
      script.message(0, 3, { type: 17 }, amf3("createStream", 2, null));
      script.message(0, 8, { type: 17, streamId: 1 }, amf3("publish", 3, null, "cam", "live"));
    },
    goesOn(script) {
      script.message(0, 4, { type: 15, streamId: 1 }, concat([bytes("00"), METADATA]));
      script.message(0, 4, { type: 8, streamId: 1 }, AUDIO).message(0, 6, { type: 9, streamId: 1 }, VIDEO);
      script.message(1, 4, { type: 8, time: 23 }, AUDIO);
    },
    ends(script) {
      script.message(0, 3, { type: 17 }, amf3("deleteStream", 4, null, 1));
    },
    told: PUBLISHED,
    hears: ["NetConnection.Connect.Success", "_result", "NetStream.Publish.Start"],
  },
  {
    name: "rtmpdump plays: a medium header first, buffer lengths, a start and a transaction",
    begins(script) {
      const flash = { flashVer: "LNX 10,0,32,18", fpad: false, capabilities: 15, audioCodecs: 3191, videoCodecs: 252 };
      script.userControl(1, 7, 1).command(0, 3, 0, "connect", 1, connect(flash)).control(0, 5, 2_500_000);
      script.userControl(1, 3, 0, 300).command(1, 3, 0, "createStream", 2, null);
      script.command(0, 8, 1, "play", 3, null, "cam", -1000).userControl(1, 3, 1, 36_000_000);
    },
    told: ["connect", "play live/cam"],
    hears: ["NetConnection.Connect.Success", "_result", "NetStream.Play.Reset", "NetStream.Play.Start"],
  },
  {
    name: "ffplay plays: asks for the stream's length first, and leaves",
    begins(script) {
      script.command(0, 3, 0, "connect", 1, connect({ flashVer: "LNX 9,0,124,2", fpad: false }));
      script.control(0, 5, 2_500_000).command(0, 3, 0, "createStream", 2, null);
      script.command(0, 8, 0, "getStreamLength", 3, null, "cam").userControl(0, 3, 1, 3000);
      script.command(0, 8, 1, "play", 4, null, "cam", -2000);
    },
    ends: (script) => script.command(1, 3, 0, "deleteStream", 5, null, 1),
    told: ["connect", "play live/cam", "stop"],
    hears: ["NetConnection.Connect.Success", "_result", "_result", "NetStream.Play.Reset", "NetStream.Play.Start"],
  },
  {
    name: "Flash Player plays: FCSubscribe, an address in front of the kind, pause and video off",
    begins(script) {
      script.command(0, 3, 0, "connect", 1, connect({ pageUrl: "http://localhost/", flashVer: "WIN 32,0,0,465" }));
      script.control(0, 5, 2_500_000).command(0, 3, 0, "FCSubscribe", 0, null, "cam");
      script.command(0, 3, 0, "createStream", 2, null).command(0, 8, 1, "play", 0, null, "mp4:cam", -2, -1, true);
    },
    goesOn(script) {
      script.command(0, 8, 1, "receiveVideo", 0, null, false).command(0, 8, 1, "pause", 0, null, true, 0);
    },
    ends(script) {
      script.command(0, 8, 1, "closeStream", 0, null);
    },
    told: ["connect", "play live/cam", "receive video false", "pause true", "stop"],
    hears: [
      "NetConnection.Connect.Success",
      "_result",
      "NetStream.Play.Reset",
      "NetStream.Play.Start",
      "NetStream.Pause.Notify",
    ],
  },
];

for (const { name, begins, goesOn, ends, told, hears } of SESSIONS) {
  Deno.test(`${name}, however its bytes are split`, () => {
    const script = new ChunkScript();
    const steps = [begins, goesOn, ends].map((step) => {
      const start = script.bytes.length;
      step?.(script);
      return script.bytes.subarray(start);
    });
    for (const parts of splitSteps(steps)) {
      const test = new MachineUnderTest();
      const words = parts.flatMap((part) => saysYes(test.machine, test.machine.receive(part))).map(inWords());
      assertEquals(words, told);
      assertEquals(test.codes(), hears);
      assertEquals(test.machine.held, 0);
    }
  });
}

/** Every way to split the steps, one of them at a time. */
function* splitSteps(steps: readonly Uint8Array[]): Generator<Uint8Array[]> {
  for (const [i, step] of steps.entries()) {
    for (const parts of splits(step)) yield [...steps.slice(0, i), ...parts, ...steps.slice(i + 1)];
  }
}

/** Puts the events of one connection into words. */
function inWords(): (event: ServerEvent) => string {
  let app = "";
  let tcUrl = "";
  return (event) => {
    switch (event.type) {
      case "connect":
        ({ app, tcUrl } = event.info);
        return "connect";
      case "publish":
      case "play": {
        const target = rtmpTarget(app, tcUrl, event.name);
        const key = target.params.get("key");
        return `${event.type} ${target.app}/${target.name}${key ? ` key=${key}` : ""}`;
      }
      case "media":
        return `${event.message.type}@${event.message.timestamp}`;
      case "pause":
        return `pause ${event.isPaused}`;
      case "receive":
        return `receive ${event.kind} ${event.isOn}`;
      default:
        return event.type;
    }
  };
}
