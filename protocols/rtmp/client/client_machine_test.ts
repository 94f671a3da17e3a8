import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import fc from "fast-check";
import { encodeAmf0 } from "../../../media/amf/amf0.ts";
import { concat } from "../../../media/bytes.ts";
import { bytes } from "../../../media/testing.ts";
import { parseRtmpAddress } from "./client_address.ts";
import type { ClientEvent } from "./client_events.ts";
import { ClientMachine } from "./client_machine.ts";
import { RtmpProtocolError } from "../wire/errors.ts";
import type { RtmpMessage } from "../wire/message.ts";
import type { ServerEvent } from "../server/server_events.ts";
import { ServerMachine } from "../server/server_machine.ts";
import { ClientUnderTest, saysYes } from "../testing.ts";

const PICTURE = bytes("17010000 00aabb");
const SUCCESS = { code: "NetConnection.Connect.Success" };

Deno.test("a publisher connects, announces itself as encoders do, and publishes", () => {
  const test = new ClientUnderTest("publish", "rtmp://example.com:1936/live/cam?key=1");
  const [{ values: [name, transaction, object] }] = test.heard();
  assertEquals([name, transaction], ["connect", 1]);
  const { app, tcUrl, type, fpad, fourCcList, capsEx, objectEncoding } = object as Record<string, unknown>;
  assertEquals({ app, tcUrl, type, fpad, fourCcList, capsEx, objectEncoding }, {
    app: "live",
    tcUrl: "rtmp://example.com:1936/live",
    type: "nonprivate",
    fpad: undefined,
    fourCcList: ["*"],
    capsEx: 6,
    objectEncoding: 0,
  });
  assertEquals(test.send((script) => script.command(0, 3, 0, "_result", 1, null, SUCCESS)), []);
  assertEquals(test.messages().map(({ type }) => type), [20, 20, 20]);
  assertEquals(test.machine.step, "createStream");
  assertEquals(test.send((script) => script.command(0, 3, 0, "_result", 4, null, 3)), []);
  assertEquals(test.heard().map(({ streamId, values }) => [streamId, ...values]), [
    [3, "publish", 0, null, "cam?key=1", "live"],
  ]);
  assertEquals(test.machine.step, "publish");
  const accepted = test.send((script) =>
    script.command(0, 3, 3, "onStatus", 0, null, status("NetStream.Publish.Start"))
  );
  assertEquals(accepted, [{ type: "ready" }]);
  assertEquals(test.machine.step, "ready");
});

Deno.test("the way of a stream is told beside its address, which stays as it is", () => {
  const address = parseRtmpAddress("rtmp://localhost/live/cam?key=1");
  const [client, server] = [new ClientMachine("publish", address, ["a", "b"]), new ServerMachine()];
  const events: ServerEvent[] = [];
  for (let bytes = client.take(); bytes; bytes = client.take()) {
    events.push(...server.receive(bytes));
    for (let answer = server.take(); answer; answer = server.take()) client.receive(answer);
  }
  const [connect] = events;
  assert(connect.type === "connect");
  const { app, tcUrl, hops } = connect.info;
  assertEquals({ app, tcUrl, hops }, { app: "live", tcUrl: "rtmp://localhost/live", hops: "a,b" });
});

Deno.test("a player connects and plays", () => {
  const test = new ClientUnderTest("play", "rtmp://localhost/live/cam");
  const [{ values: [name, , object] }] = test.heard();
  const { type, fpad, capabilities } = object as Record<string, unknown>;
  assertEquals([name, { type, fpad, capabilities }], ["connect", { type: undefined, fpad: false, capabilities: 15 }]);
  test.send((script) => script.command(0, 3, 0, "_result", 1, null, SUCCESS));
  assertEquals(test.codes(), ["createStream"]);
  test.send((script) => script.command(0, 3, 0, "_result", 2, null, 1));
  assertEquals(test.messages().map(({ type, streamId }) => [type, streamId]), [[20, 1], [4, 0]]);
  const events = test.send((script) => script.command(0, 3, 1, "onStatus", 0, null, status("NetStream.Play.Reset")));
  assertEquals(events, []);
  assertEquals(
    test.send((script) => script.command(0, 3, 1, "onStatus", 0, null, status("NetStream.Play.Start"))),
    [{ type: "ready" }],
  );
});

Deno.test("a server that sends media without a status has accepted the player", () => {
  const test = new ClientUnderTest("play", "rtmp://localhost/live/cam");
  const events = test.send((script) => {
    script.command(0, 3, 0, "_result", 1, null, SUCCESS).command(0, 3, 0, "_result", 2, null, 1);
    script.message(0, 6, { type: 9, streamId: 1 }, PICTURE).message(0, 6, { type: 9, streamId: 1 }, PICTURE);
  });
  assertEquals(events.map(({ type }) => type), ["ready", "media", "media"]);
});

Deno.test("a player gets the stream's media, and no word of the server's to the player", () => {
  const test = ClientUnderTest.ready("play");
  const events = test.send((script) => {
    script.message(0, 5, { type: 18, streamId: 1 }, encodeAmf0("|RtmpSampleAccess", true, true));
    script.message(0, 5, { type: 18, streamId: 1 }, encodeAmf0("onStatus", { code: "NetStream.Data.Start" }));
    script.message(0, 5, { type: 18, streamId: 1 }, encodeAmf0("onMetaData", {}));
    script.message(0, 6, { type: 9, streamId: 1, time: 7 }, PICTURE);
    script.message(0, 6, { type: 22, streamId: 1, time: 9 }, bytes("08 000002 000000 00 000000 af01 0000000d"));
  });
  assertEquals(events.map((event) => event.type === "media" && [event.message.type, event.message.timestamp]), [
    [18, 0],
    [9, 7],
    [8, 9],
  ]);
});

Deno.test("media that nobody asked for means nothing", () => {
  const early = new ClientUnderTest("play", "rtmp://localhost/live/cam");
  assertEquals(early.send((script) => script.message(0, 6, { type: 9, streamId: 1 }, PICTURE)), []);
  assertEquals(early.machine.step, "connect");
  const publisher = ClientUnderTest.ready("publish");
  assertEquals(publisher.send((script) => script.message(0, 6, { type: 9, streamId: 1 }, PICTURE)), []);
});

interface No {
  readonly name: string;
  readonly purpose: "publish" | "play";
  says(script: Script): unknown;
  readonly words: { code: string; description: string; redirect?: string };
}
type Script = Parameters<Parameters<ClientUnderTest["send"]>[0]>[0];

const NOES: readonly No[] = [
  {
    name: "connect",
    purpose: "publish",
    says: (script) => script.command(0, 3, 0, "_error", 1, null, failure("NetConnection.Connect.Rejected", "no entry")),
    words: { code: "NetConnection.Connect.Rejected", description: "no entry" },
  },
  {
    name: "connect, with the words in the place of the properties",
    purpose: "publish",
    says: (script) => script.command(0, 3, 0, "_error", 1, failure("NetConnection.Connect.InvalidApp", "no such app")),
    words: { code: "NetConnection.Connect.InvalidApp", description: "no such app" },
  },
  {
    name: "connect without a word",
    purpose: "play",
    says: (script) => script.command(0, 3, 0, "_error", 1),
    words: { code: "NetConnection.Call.Failed", description: "" },
  },
  {
    name: "connect, and names another server",
    purpose: "play",
    says: (script) =>
      script.command(0, 3, 0, "_error", 1, null, {
        ...failure("NetConnection.Connect.Rejected", "RTMP 302 Redirect"),
        ex: { code: 302, redirect: "rtmp://elsewhere/live" },
      }),
    words: {
      code: "NetConnection.Connect.Rejected",
      description: "RTMP 302 Redirect",
      redirect: "rtmp://elsewhere/live",
    },
  },
  {
    name: "connect, and names another server's stream",
    purpose: "play",
    says: (script) =>
      script.command(0, 3, 0, "onStatus", 0, null, {
        ...failure("NetConnection.Connect.Rejected", "moved"),
        ex: { code: 302, redirect: "rtmp://elsewhere/live", redirect2: "rtmp://elsewhere/live/cam" },
      }),
    words: { code: "NetConnection.Connect.Rejected", description: "moved", redirect: "rtmp://elsewhere/live/cam" },
  },
  {
    name: "createStream",
    purpose: "publish",
    says: (script) =>
      script.command(0, 3, 0, "_result", 1, null, SUCCESS)
        .command(0, 3, 0, "_error", 4, null, failure("NetConnection.Call.Failed", "enough")),
    words: { code: "NetConnection.Call.Failed", description: "enough" },
  },
  {
    name: "publish",
    purpose: "publish",
    says: (script) =>
      script.command(0, 3, 0, "_result", 1, null, SUCCESS).command(0, 3, 0, "_result", 4, null, 1)
        .command(0, 3, 1, "onStatus", 0, null, failure("NetStream.Publish.BadName", "taken")),
    words: { code: "NetStream.Publish.BadName", description: "taken" },
  },
  {
    name: "play",
    purpose: "play",
    says: (script) =>
      script.command(0, 3, 0, "_result", 1, null, SUCCESS).command(0, 3, 0, "_result", 2, null, 1)
        .command(0, 3, 1, "onStatus", 0, null, failure("NetStream.Play.StreamNotFound", "nobody")),
    words: { code: "NetStream.Play.StreamNotFound", description: "nobody" },
  },
  {
    name: "play by closing the connection in words",
    purpose: "play",
    says: (script) => script.command(0, 3, 0, "close", 0, null),
    words: { code: "NetConnection.Connect.Closed", description: "The server says goodbye" },
  },
];

for (const { name, purpose, says, words } of NOES) {
  Deno.test(`a client hears that the server refuses ${name}, once`, () => {
    const test = new ClientUnderTest(purpose, "rtmp://localhost/live/cam");
    const events = test.send((script) => {
      says(script);
      says(script);
    });
    assertEquals(events.map(withoutUndefined), [{ type: "refused", words }]);
    assertEquals(test.machine.step, "over");
  });
}

Deno.test("a server that knows neither releaseStream nor FCPublish is published to nevertheless", () => {
  const test = new ClientUnderTest("publish", "rtmp://localhost/live/cam");
  const events = test.send((script) => {
    script.command(0, 3, 0, "_result", 1, null, SUCCESS).command(0, 3, 0, "_error", 2, null);
    script.command(0, 3, 0, "_error", 3, null, { code: "NetConnection.Call.Failed" }).command(0, 3, 0, "onBWDone", 0);
    script.command(0, 3, 0, "onFCPublish", 0, null, {}).command(0, 3, 0, "_result", 4, null, 1);
    script.command(0, 3, 1, "onStatus", 0, null, status("NetStream.Publish.Start"));
  });
  assertEquals(events, [{ type: "ready" }]);
});

Deno.test("answers to what was not asked mean nothing", () => {
  const test = new ClientUnderTest("publish", "rtmp://localhost/live/cam");
  assertEquals(test.send((script) => script.command(0, 3, 0, "_result", 9, null, SUCCESS)), []);
  assertEquals(test.machine.step, "connect");
  assertEquals(test.send((script) => script.command(0, 3, 0, 5).command(0, 3, 0, "onStatus", 0, null, null)), []);
  assertEquals(test.machine.step, "connect");
});

const ENDS: readonly { name: string; purpose: "publish" | "play"; says(script: Script): unknown; code: string }[] = [
  ...["NetStream.Play.UnpublishNotify", "NetStream.Play.Stop", "NetStream.Play.Complete"].map((code) => ({
    name: code,
    purpose: "play" as const,
    says: (script: Script) => script.command(0, 3, 1, "onStatus", 0, null, status(code)),
    code,
  })),
  {
    name: "the end of the stream",
    purpose: "play",
    says: (script) => script.userControl(0, 1, 1),
    code: "NetStream.Play.Stop",
  },
  {
    name: "an error",
    purpose: "publish",
    says: (script) => script.command(0, 3, 1, "onStatus", 0, null, { level: "error", code: "NetStream.Record.Failed" }),
    code: "NetStream.Record.Failed",
  },
  {
    name: "an unpublish",
    purpose: "publish",
    says: (script) => script.command(0, 3, 1, "onStatus", 0, null, status("NetStream.Unpublish.Success")),
    code: "NetStream.Unpublish.Success",
  },
];

for (const { name, purpose, says, code } of ENDS) {
  Deno.test(`a client that is to ${purpose} hears of ${name}, and then of nothing`, () => {
    const test = ClientUnderTest.ready(purpose);
    const events = test.send((script) => {
      says(script);
      script.message(0, 6, { type: 9, streamId: 1 }, PICTURE);
    });
    assertEquals(events.map((event) => event.type === "ended" && event.words.code), [code]);
  });
}

Deno.test("the end of another message stream is not a player's", () => {
  const test = ClientUnderTest.ready("play");
  assertEquals(test.send((script) => script.userControl(0, 1, 2).message(0, 2, { type: 4 }, bytes("0001"))), []);
  assertEquals(ClientUnderTest.ready("publish").send((script) => script.userControl(0, 1, 1)), []);
});

Deno.test("packets are messages at their dts in milliseconds, metadata as a data frame at the time 0", () => {
  const test = ClientUnderTest.ready("publish");
  const script = encodeAmf0("onMetaData", {});
  test.machine.write({ kind: "data", role: "metadata", dts: 0, body: script });
  test.machine.write({
    kind: "data",
    role: "metadata",
    dts: 9000,
    body: concat([encodeAmf0("@setDataFrame"), script]),
  });
  test.machine.write({ kind: "data", role: "frame", dts: 1000, body: encodeAmf0("onTextData") });
  test.machine.write({ kind: "audio", dts: 23_219, body: bytes("af01") });
  test.machine.write({ kind: "video", dts: (2 ** 32 + 40) * 1000, body: PICTURE });
  const frame = concat([encodeAmf0("@setDataFrame"), script]);
  assertEquals(test.messages(), [
    { type: 18, streamId: 1, timestamp: 0, body: frame },
    { type: 18, streamId: 1, timestamp: 0, body: frame },
    { type: 18, streamId: 1, timestamp: 1, body: encodeAmf0("onTextData") },
    { type: 8, streamId: 1, timestamp: 23, body: bytes("af01") },
    { type: 9, streamId: 1, timestamp: 40, body: PICTURE },
  ]);
});

Deno.test("a packet of usual size is one chunk", () => {
  const test = ClientUnderTest.ready("publish");
  test.machine.write({ kind: "video", dts: 0, body: new Uint8Array(50_000) });
  assertEquals(test.machine.take()?.length, 12 + 50_000);
});

Deno.test("tracks beside the main one go to servers that know them, and to no other", () => {
  for (const [capsEx, sent] of [[6, 2], [4, 1], [undefined, 1]]) {
    const test = ClientUnderTest.ready("publish", { capsEx });
    for (const track of [0, 1]) test.machine.write({ kind: "video", track, dts: 0, body: PICTURE });
    assertEquals(test.messages().length, sent);
  }
});

Deno.test("nothing can be written before a publisher is ready, after its end, or by a player", () => {
  const write = ({ machine }: ClientUnderTest) => machine.write({ kind: "video", dts: 0, body: PICTURE });
  const early = new ClientUnderTest("publish", "rtmp://localhost/live/cam");
  assertThrows(() => write(early), TypeError, 'the publish client is at the step "connect"');
  const late = ClientUnderTest.ready("publish");
  late.machine.close();
  assertThrows(() => write(late), TypeError, "over");
  assertThrows(() => write(ClientUnderTest.ready("play")), TypeError, "the play client");
});

Deno.test("a client that closes says that it has finished", () => {
  const publisher = ClientUnderTest.ready("publish");
  publisher.machine.close();
  assertEquals(publisher.heard().map(({ values }) => values.slice(0, 1).concat(values.slice(3))), [
    ["FCUnpublish", "cam"],
    ["deleteStream", 1],
  ]);
  const player = ClientUnderTest.ready("play");
  player.machine.close();
  assertEquals(player.codes(), ["deleteStream"]);
  const early = new ClientUnderTest("play", "rtmp://localhost/live/cam");
  early.messages();
  early.machine.close();
  assertEquals(early.messages(), []);
});

Deno.test("a server that limits its peer is told the window, once", () => {
  const test = ClientUnderTest.ready("publish");
  const limit = (script: Script) => script.message(0, 2, { type: 6 }, bytes("002625a0 02"));
  test.send((script) => limit(limit(script) as Script));
  assertEquals(test.messages().map(({ type, body }) => [type, body]), [[5, bytes("002625a0")]]);
});

for (
  const [name, values] of [["no number", [null]], ["the connection's own", [null, 0]], ["a fraction", [
    null,
    1.5,
  ]]] as const
) {
  Deno.test(`a server that creates a message stream with ${name} breaks the protocol`, () => {
    const test = new ClientUnderTest("play", "rtmp://localhost/live/cam");
    test.send((script) => script.command(0, 3, 0, "_result", 1, null, SUCCESS));
    assertThrows(
      () => test.send((script) => script.command(0, 3, 0, "_result", 2, ...values)),
      RtmpProtocolError,
      "created a message stream without a number",
    );
  });
}

Deno.test("a server that speaks HTTP is told apart", () => {
  const machine = new ClientMachine("play", parseRtmpAddress("rtmp://localhost/live/cam"));
  assertThrows(() => machine.receive(new TextEncoder().encode("HTTP/1.1 400")), RtmpProtocolError, "which is HTTP");
});

Deno.test("client and server understand each other in any split, and media comes out as it went in", () => {
  const bodies = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 8 });
  fc.assert(
    fc.property(bodies, fc.infiniteStream(fc.integer({ min: 1, max: 2000 })), (sent, cuts) => {
      const server = new ServerMachine();
      const publisher = new ClientMachine("publish", parseRtmpAddress("rtmp://localhost/live/cam?key=1"));
      const told: ServerEvent[] = [];
      const heard = converse(publisher, server, cuts, told);
      assertEquals(heard, [{ type: "ready" }]);
      sent.forEach((body, i) => publisher.write({ kind: "video", dts: i * 40_000, body }));
      publisher.close();
      converse(publisher, server, cuts, told);
      assertEquals(told.map(({ type }) => type), ["connect", "publish", ...sent.map(() => "media"), "unpublish"]);
      assertEquals(
        mediaOf(told).map(({ body, timestamp }) => [body, timestamp]),
        sent.map((body, i) => [body, i * 40]),
      );
    }),
    { numRuns: 30 },
  );
});

Deno.test("a server that announces much and sends little is given little memory", () => {
  const test = ClientUnderTest.ready("play");
  test.machine.receive(concat([bytes("06 000000 ffffff 09 01000000"), new Uint8Array(100)]));
  assertLess(test.machine.held, 1000);
});

Deno.test("a client machine survives any bytes of a server", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 100 })), (parts) => {
      const { machine } = ClientUnderTest.ready("play");
      try {
        for (const part of parts) machine.receive(part);
      } catch (error) {
        assert(error instanceof RtmpProtocolError, String(error));
      }
    }),
  );
});

/** Carries bytes between both until neither has more to say; gives what the client told. */
function converse(
  client: ClientMachine,
  server: ServerMachine,
  cuts: Iterator<number>,
  told: ServerEvent[],
): ClientEvent[] {
  const heard: ClientEvent[] = [];
  for (let isSilent = false; !isSilent;) {
    isSilent = true;
    for (const part of cutUp(client, cuts)) {
      isSilent = false;
      told.push(...saysYes(server, server.receive(part)));
    }
    for (const part of cutUp(server, cuts)) {
      isSilent = false;
      heard.push(...client.receive(part));
    }
  }
  return heard;
}

function* cutUp(machine: { take(): Uint8Array | undefined }, cuts: Iterator<number>): Generator<Uint8Array> {
  for (let bytes = machine.take(); bytes; bytes = machine.take()) {
    for (let at = 0; at < bytes.length;) {
      const length = cuts.next().value as number;
      yield bytes.subarray(at, at + length);
      at += length;
    }
  }
}

function mediaOf(events: readonly ServerEvent[]): RtmpMessage[] {
  return events.flatMap((event) => event.type === "media" ? [event.message] : []);
}

function status(code: string, description = "") {
  return { level: "status", code, description };
}

function failure(code: string, description: string) {
  return { level: "error", code, description };
}

function withoutUndefined(event: ClientEvent): unknown {
  return event.type === "refused" ? { type: event.type, words: JSON.parse(JSON.stringify(event.words)) } : event;
}
