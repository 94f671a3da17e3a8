import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import fc from "fast-check";
import { encodeAmf0 } from "../../media/amf0.ts";
import { TypedObject } from "../../media/amf_value.ts";
import { concat } from "../../media/bytes.ts";
import { bytes } from "../../media/testing.ts";
import { DEFAULT_CHUNK_SIZE } from "./chunk_reader.ts";
import { RtmpProtocolError } from "./errors.ts";
import { MAX_KEPT_BACK, MESSAGE_COST } from "./kept_back.ts";
import { MAX_MESSAGE_STREAMS } from "./server_machine.ts";
import type { ServerEvent } from "./server_events.ts";
import { ChunkScript, MachineUnderTest, saysYes } from "./testing.ts";

const AUDIO = bytes("af01 aabbcc");

Deno.test("a connect is asked about, with all that the peer told of itself", () => {
  const test = new MachineUnderTest();
  const given = { app: "live", tcUrl: "rtmp://h/live?key=1", pageUrl: "https://p/", flashVer: "F", capsEx: 6 };
  const events = test.send((script) => script.command(0, 3, 0, "connect", 1, given));
  assertEquals(test.machine.connectInfo?.app, "live");
  assertEquals(events, [{
    type: "connect",
    info: {
      app: "live",
      tcUrl: "rtmp://h/live?key=1",
      pageUrl: "https://p/",
      flashVer: "F",
      isPublisher: false,
      knowsTracks: true,
    },
  }]);
});

Deno.test("a connect without anything is asked about too", () => {
  for (const values of [[], [null], [{}], [new TypedObject("", {})], [{ app: 5, capsEx: "x" }]]) {
    const events = new MachineUnderTest().send((script) => script.command(0, 3, 0, "connect", 1, ...values));
    assertEquals(events, [{
      type: "connect",
      info: { app: "", tcUrl: "", pageUrl: undefined, flashVer: undefined, isPublisher: false, knowsTracks: false },
    }]);
  }
});

Deno.test("an accepted connect says what the server knows, in the chunk size that it announces first", () => {
  const test = new MachineUnderTest();
  test.send((script) => script.command(0, 3, 0, "connect", 7, { app: "live" }));
  test.machine.acceptConnect();
  const [{ values: [name, transaction, properties, information] }] = test.heard();
  assertEquals([name, transaction], ["_result", 7]);
  assertEquals(properties, Object.assign(Object.create(null), { fmsVer: "FMS/3,5,7,7009", capabilities: 31, mode: 1 }));
  const { code, objectEncoding, capsEx, fourCcList } = information as Record<string, unknown>;
  assertEquals({ code, objectEncoding, capsEx }, {
    code: "NetConnection.Connect.Success",
    objectEncoding: 0,
    capsEx: 6,
  });
  assert((fourCcList as string[]).includes("hvc1"));
});

Deno.test("a rejected connect says why, and where to go instead", () => {
  const test = new MachineUnderTest();
  test.send((script) => script.command(0, 3, 0, "connect", 1, { app: "live" }));
  test.machine.rejectConnect("go away", "rtmp://elsewhere/live");
  const [{ values: [name, transaction, , information] }] = test.heard();
  assertEquals([name, transaction], ["_error", 1]);
  const { level, code, description, ex } = information as Record<string, unknown>;
  assertEquals([level, code, description], ["error", "NetConnection.Connect.Rejected", "go away"]);
  assertEquals({ ...(ex as object) }, { code: 302, redirect: "rtmp://elsewhere/live" });
  assertEquals(test.send((script) => script.command(0, 3, 0, "createStream", 2, null)), []);
  assertEquals(test.heard(), []);
  assertEquals(test.machine.held, 0);
});

Deno.test("commands that come behind connect in one write wait for its answer, in order", () => {
  const test = new MachineUnderTest();
  const asked = test.send((script) =>
    script.command(0, 3, 0, "connect", 1, { app: "live" }).command(1, 3, 0, "createStream", 2, null)
      .command(0, 8, 1, "play", 3, null, "cam")
  );
  assertEquals(asked.map(({ type }) => type), ["connect"]);
  assertLess(2 * MESSAGE_COST, test.machine.held);
  assertEquals(test.machine.acceptConnect(), [{ type: "play", streamId: 1, name: "cam", reset: true }]);
  assertEquals(test.machine.held, 0);
  assertEquals(test.codes(), ["NetConnection.Connect.Success", "_result"]);
});

Deno.test("a rejected connect lets go of what waited for it", () => {
  const test = new MachineUnderTest();
  test.send((script) => script.command(0, 3, 0, "connect", 1, {}).command(1, 3, 0, "createStream", 2, null));
  test.machine.rejectConnect("no");
  assertEquals(test.machine.held, 0);
});

Deno.test("a publish is asked about, and its media passes once it is accepted, in order", () => {
  const test = MachineUnderTest.connected();
  const asked = test.send((script) => script.command(0, 4, 1, "publish", 5, null, "cam?key=1", "live"));
  assertEquals(asked, [{ type: "publish", streamId: 1, name: "cam?key=1" }]);
  assertEquals(send(test, 1, 10), []);
  assertEquals(test.machine.held, AUDIO.length + MESSAGE_COST);
  assertEquals(test.heard(), []);
  assertEquals(times(test.machine.acceptPublish(1)), [10]);
  assertEquals(test.machine.held, 0);
  assertEquals(test.codes(), ["NetStream.Publish.Start"]);
  assertEquals(times(send(test, 1, 20)), [20]);
});

Deno.test("a rejected publish says why, and its media is dropped", () => {
  const test = MachineUnderTest.connected();
  test.send((script) => script.command(0, 4, 1, "publish", 5, null, "cam"));
  send(test, 1, 10);
  test.machine.rejectPublish(1, "NetStream.Publish.BadName", "taken");
  assertEquals(test.machine.held, 0);
  const [{ streamId, values: [name, , , information] }] = test.heard();
  const { level, code, description } = information as Record<string, unknown>;
  assertEquals([streamId, name, level, code, description], [
    1,
    "onStatus",
    "error",
    "NetStream.Publish.BadName",
    "taken",
  ]);
  assertEquals(send(test, 1, 20), []);
});

Deno.test("a rejected play says why, and its stream may be used again", () => {
  const test = MachineUnderTest.connected();
  const play = () => test.send((script) => script.command(0, 8, 1, "play", 4, null, "cam"));
  play();
  test.machine.rejectPlay(1, "NetStream.Play.StreamNotFound", "nobody");
  const [{ streamId, values: [name, , , information] }] = test.heard();
  const { level, code, description } = information as Record<string, unknown>;
  assertEquals([streamId, name, level, code], [1, "onStatus", "error", "NetStream.Play.StreamNotFound"]);
  assertEquals(description, "nobody");
  assertEquals(play().map(({ type }) => type), ["play"]);
});

Deno.test("media of a message stream that does not publish is dropped", () => {
  const test = MachineUnderTest.connected();
  assertEquals(send(test, 1, 0), []);
  test.send((script) => script.command(0, 4, 1, "play", 5, null, "cam"));
  assertEquals(send(test, 1, 0), []);
  test.machine.acceptPlay(1, true);
  assertEquals(send(test, 1, 0), []);
});

const FINISHES: readonly { name: string; says(script: ChunkScript): unknown; answers: readonly string[] }[] = [
  { name: "closeStream", says: (script) => script.command(0, 4, 1, "closeStream", 0, null), answers: [] },
  { name: "deleteStream", says: (script) => script.command(0, 3, 0, "deleteStream", 7, null, 1), answers: [] },
  {
    name: "FCUnpublish",
    says: (script) => script.command(0, 3, 0, "FCUnpublish", 6, null, "cam"),
    answers: ["_result"],
  },
  {
    name: "FCUnpublish with another query",
    says: (script) => script.command(0, 3, 0, "FCUnpublish", 6, null, "cam?a"),
    answers: ["_result"],
  },
  {
    name: "FCUnpublish without a name",
    says: (script) => script.command(0, 3, 0, "FCUnpublish", 0, null, false),
    answers: [],
  },
];

for (const { name, says, answers } of FINISHES) {
  Deno.test(`a publisher that sends ${name} has finished`, () => {
    const test = publishing("cam?key=1");
    assertEquals(test.send(says), [{ type: "unpublish", streamId: 1 }]);
    assertEquals(test.codes(), answers);
    assertEquals(send(test, 1, 20), []);
    assertEquals(test.send(says), []);
  });
}

Deno.test("FCUnpublish finishes the stream that it names and no other", () => {
  const test = publishing("cam");
  test.send((script) => script.command(0, 4, 2, "publish", 5, null, "other"));
  test.machine.acceptPublish(2);
  const events = test.send((script) => script.command(0, 3, 0, "FCUnpublish", 6, null, "other"));
  assertEquals(events, [{ type: "unpublish", streamId: 2 }]);
  assertEquals(times(send(test, 1, 20)), [20]);
});

Deno.test("a second publish on a message stream finishes the first, decided or not", () => {
  const test = MachineUnderTest.connected();
  const publish = (name: string) => test.send((script) => script.command(0, 4, 1, "publish", 5, null, name));
  publish("one");
  send(test, 1, 10);
  const expected = (name: string): ServerEvent[] => [
    { type: "unpublish", streamId: 1 },
    { type: "publish", streamId: 1, name },
  ];
  assertEquals(publish("two"), expected("two"));
  assertEquals(test.machine.held, 0);
  assertEquals(test.machine.acceptPublish(1), []);
  assertEquals(publish("three"), expected("three"));
});

Deno.test("several streams of one connection are published and played side by side", () => {
  const test = MachineUnderTest.connected();
  const events = test.send((script) => {
    script.command(0, 4, 1, "publish", 0, null, "one").command(0, 4, 2, "publish", 0, null, "two");
    script.message(0, 6, { type: 8, streamId: 2, time: 5 }, AUDIO).command(0, 4, 3, "play", 0, null, "three");
  });
  assertEquals(events.map((event) => event.type), ["publish", "publish", "play"]);
  assertEquals(test.machine.acceptPublish(1), []);
  assertEquals(times(test.machine.acceptPublish(2)), [5]);
  assertEquals(times(send(test, 1, 6)), [6]);
});

Deno.test("an aggregate, and data in AMF3, pass as audio, video and data", () => {
  const test = publishing("cam");
  const tags = bytes("09 000002 0003e8 00 000000 1701 0000000d 0f 000002 0003f2 00 000000 0005 0000000d");
  const events = test.send((script) => {
    script.message(0, 6, { type: 22, streamId: 1, time: 50 }, tags);
    script.message(0, 6, { type: 15, streamId: 1, time: 90 }, concat([bytes("00"), encodeAmf0("onMetaData")]));
  });
  assertEquals(events.map((event) => event.type === "media" && [event.message.type, event.message.timestamp]), [
    [9, 50],
    [18, 60],
    [18, 90],
  ]);
});

Deno.test("commands in AMF3 are commands", () => {
  const test = MachineUnderTest.connected();
  const body = concat([bytes("00"), encodeAmf0("publish", 4, null, "cam")]);
  const events = test.send((script) => script.message(0, 3, { type: 17, streamId: 1 }, body));
  assertEquals(events, [{ type: "publish", streamId: 1, name: "cam" }]);
});

Deno.test("a play is asked about, and accepted with all that players wait for", () => {
  const test = MachineUnderTest.connected();
  const asked = test.send((script) => script.command(0, 8, 1, "play", 4, null, "cam", -2000));
  assertEquals(asked, [{ type: "play", streamId: 1, name: "cam", reset: true }]);
  test.machine.acceptPlay(1, true);
  const messages = test.messages();
  assertEquals(messages.map(({ type, streamId }) => [type, streamId]), [[4, 0], [20, 1], [20, 1], [18, 1], [18, 1]]);
  assertEquals(messages[0].body, bytes("0000 00000001"));
});

Deno.test("a play that does not reset is not told of one", () => {
  const test = MachineUnderTest.connected();
  const asked = test.send((script) => script.command(0, 8, 1, "play", 4, null, "cam", -2, -1, false));
  assertEquals(asked, [{ type: "play", streamId: 1, name: "cam", reset: false }]);
  test.machine.acceptPlay(1, false);
  assertEquals(test.codes(), ["NetStream.Play.Start"]);
});

Deno.test("play2 plays what its object names", () => {
  const test = MachineUnderTest.connected();
  const events = test.send((script) => script.command(0, 8, 1, "play2", 0, null, { streamName: "cam" }));
  assertEquals(events, [{ type: "play", streamId: 1, name: "cam", reset: true }]);
});

Deno.test("a player that deletes its stream while it waits for an answer stops", () => {
  const test = MachineUnderTest.connected();
  const events = test.send((script) =>
    script.command(0, 8, 1, "play", 4, null, "cam").command(0, 3, 0, "deleteStream", 5, null, 1)
  );
  assertEquals(events.map(({ type }) => type), ["play", "stop"]);
  assertEquals(test.machine.streams.size, 0);
});

Deno.test("a question is open until it is answered, taken back, or followed by another", () => {
  const test = MachineUnderTest.connected();
  const ask = (name: string) => {
    const events = test.send((script) => script.command(0, 8, 1, "play", 4, null, name));
    const question = events.find((event) => event.type === "play")!;
    assert(test.machine.isOpen(question));
    return question;
  };
  const answered = ask("cam");
  test.machine.acceptPlay(1, true);
  assert(!test.machine.isOpen(answered));
  const rejected = ask("cam");
  test.machine.rejectPlay(1, "NetStream.Play.Failed", "no");
  assert(!test.machine.isOpen(rejected));
  const followed = ask("cam");
  const last = ask("cam");
  assert(!test.machine.isOpen(followed));
  test.send((script) => {
    script.command(0, 3, 0, "deleteStream", 0, null, 1).command(0, 8, 1, "play", 4, null, "cam");
  });
  assert(!test.machine.isOpen(last));
});

Deno.test("a player's wishes wait until it plays, in order, and are answered behind the start", () => {
  const test = MachineUnderTest.connected();
  const asked = test.send((script) => {
    script.command(0, 8, 1, "play", 4, null, "cam").command(0, 8, 1, "receiveVideo", 0, null, false);
    script.command(0, 8, 1, "pause", 0, null, true, 0);
  });
  assertEquals(asked.map(({ type }) => type), ["play"]);
  assertEquals(test.machine.acceptPlay(1, false), [
    { type: "receive", streamId: 1, kind: "video", isOn: false },
    { type: "pause", streamId: 1, isPaused: true },
  ]);
  assertEquals(test.codes(), ["NetStream.Play.Start", "NetStream.Pause.Notify"]);
  assertEquals(test.machine.held, 0);
});

Deno.test("Flash's publish(false) and play(false) end what a stream is used for", () => {
  const publisher = publishing("cam");
  const unpublished = publisher.send((script) => script.command(0, 4, 1, "publish", 0, null, false));
  assertEquals(unpublished, [{ type: "unpublish", streamId: 1 }]);
  const player = playing();
  const stopped = player.send((script) => script.command(0, 4, 1, "play", 0, null, false));
  assertEquals(stopped, [{ type: "stop", streamId: 1 }]);
});

Deno.test("an encoder that publishes false has no name for its stream", () => {
  const events = MachineUnderTest.connected().send((script) => script.command(0, 4, 1, "publish", 5, null, false));
  assertEquals(events, [{ type: "publish", streamId: 1, name: "" }]);
});

Deno.test("a player that ends hears it, and may play again", () => {
  const test = playing();
  test.machine.endPlay(1, "over");
  assertEquals(test.codes(), ["NetStream.Play.UnpublishNotify", "NetStream.Play.Stop"]);
  assertEquals(test.send((script) => script.command(0, 8, 1, "play", 4, null, "cam")).map(({ type }) => type), [
    "play",
  ]);
});

Deno.test("players pause, seek and switch kinds of tracks", () => {
  const test = playing();
  const events = test.send((script) => {
    script.command(0, 8, 1, "pause", 0, null, true, 0).command(0, 8, 1, "pause", 0, null, false, 0);
    script.command(0, 8, 1, "receiveVideo", 0, null, false).command(0, 8, 1, "receiveAudio", 0, null, true);
    script.command(0, 8, 1, "seek", 0, null, 1000);
  });
  assertEquals(events, [
    { type: "pause", streamId: 1, isPaused: true },
    { type: "pause", streamId: 1, isPaused: false },
    { type: "receive", streamId: 1, kind: "video", isOn: false },
    { type: "receive", streamId: 1, kind: "audio", isOn: true },
  ]);
  assertEquals(test.codes(), ["NetStream.Pause.Notify", "NetStream.Unpause.Notify", "NetStream.Seek.Notify"]);
});

const ANSWERS: readonly { name: string; values: readonly (string | null)[]; answer: readonly unknown[] }[] = [
  { name: "createStream", values: [null], answer: ["_result", 9, null, 1] },
  { name: "releaseStream", values: [null, "cam"], answer: ["_result", 9, null, undefined] },
  { name: "FCSubscribe", values: [null, "cam"], answer: ["_result", 9, null, undefined] },
  { name: "getStreamLength", values: [null, "cam"], answer: ["_result", 9, null, 0] },
  { name: "_checkbw", values: [null], answer: ["_result", 9, null, null] },
  { name: "somethingNew", values: [], answer: ["_result", 9, null, null] },
  { name: "constructor", values: [], answer: ["_result", 9, null, null] },
];

for (const { name, values, answer } of ANSWERS) {
  Deno.test(`${name} is answered when an answer is wanted, and only then`, () => {
    const test = MachineUnderTest.connected();
    test.send((script) => script.command(0, 3, 0, name, 9, ...values));
    assertEquals(test.heard().map(({ values }) => values), [answer]);
    test.send((script) => script.command(0, 3, 0, name, 0, ...values));
    assertEquals(test.heard(), []);
  });
}

Deno.test("FCPublish is answered twice, as encoders of old wait for", () => {
  const test = MachineUnderTest.connected();
  test.send((script) => script.command(0, 3, 0, "FCPublish", 3, null, "cam?key=secret"));
  const [result, onFcPublish] = test.heard();
  assertEquals(result.values.slice(0, 2), ["_result", 3]);
  assertEquals(onFcPublish.values[0], "onFCPublish");
  assertEquals({ ...(onFcPublish.values[3] as object) }, { code: "NetStream.Publish.Start", description: "cam" });
});

Deno.test("answers of the peer are not answered", () => {
  const test = MachineUnderTest.connected();
  for (const name of ["_result", "_error", "onStatus"]) test.send((script) => script.command(0, 3, 0, name, 9, null));
  assertEquals(test.heard(), []);
});

Deno.test("message streams are numbered from one, and numbers are used again", () => {
  const test = MachineUnderTest.connected();
  const create = () => test.send((script) => script.command(0, 3, 0, "createStream", 2, null));
  create();
  create();
  test.send((script) => script.command(0, 3, 0, "deleteStream", 0, null, 1));
  create();
  assertEquals(test.heard().map(({ values }) => values[3]), [1, 2, 1]);
});

Deno.test(`a connection may have ${MAX_MESSAGE_STREAMS} message streams`, () => {
  const test = MachineUnderTest.connected();
  for (let i = 0; i < MAX_MESSAGE_STREAMS; i++) test.send((script) => script.command(0, 3, 0, "createStream", 2, null));
  assertEquals(test.heard().at(-1)?.values[3], MAX_MESSAGE_STREAMS);
});

Deno.test("a command without a name, and a deleteStream without a number, mean nothing", () => {
  const test = MachineUnderTest.connected();
  assertEquals(test.send((script) => script.command(0, 3, 0, 5, 5).command(0, 3, 0, "deleteStream", 5, null, "x")), []);
});

const BREACHES: readonly { name: string; says: string; does(): void }[] = [
  {
    name: "a command before connect",
    says: 'The peer sent "createStream" before connect',
    does: () => void new MachineUnderTest().send((script) => script.command(0, 3, 0, "createStream", 2, null)),
  },
  {
    name: "a second connect",
    says: "connect a second time",
    does: () => void MachineUnderTest.connected().send((script) => script.command(0, 3, 0, "connect", 2, {})),
  },
  {
    name: "a second connect before the first is decided",
    says: "connect a second time",
    does() {
      const test = new MachineUnderTest();
      test.send((script) => script.command(0, 3, 0, "connect", 1, {}).command(0, 3, 0, "connect", 2, {}));
      test.machine.acceptConnect();
    },
  },
  {
    name: "a command that is nested 10,000 deep",
    says: "nested deeper",
    does: () => void new MachineUnderTest().send((script) => script.message(0, 3, { type: 20 }, nested(10_000))),
  },
  {
    name: "a command that is cut off",
    says: "The peer sent a bad command",
    does: () =>
      void MachineUnderTest.connected().send((script) => script.message(0, 3, { type: 20 }, bytes("02 00ff"))),
  },
  {
    name: "more message streams than there may be",
    says: `more than ${MAX_MESSAGE_STREAMS} message streams`,
    does() {
      const test = MachineUnderTest.connected();
      for (let i = 0; i < 100; i++) test.send((script) => script.command(0, 3, 0, "createStream", 2, null));
    },
  },
  {
    name: "message streams of its own invention, without end",
    says: `more than ${MAX_MESSAGE_STREAMS} message streams`,
    does() {
      const test = MachineUnderTest.connected();
      for (let i = 0; i < 100; i++) test.send((script) => script.command(0, 3, i, "play", 0, null, "cam"));
    },
  },
  {
    name: "10,000 chunk streams",
    says: "chunk streams",
    does() {
      const test = MachineUnderTest.connected();
      for (let id = 0; id < 10_000; id++) {
        test.machine.receive(concat([Uint8Array.of(1, id, id >> 8), bytes("000000 000001 08 01000000 aa")]));
      }
    },
  },
];

for (const { name, says, does } of BREACHES) {
  Deno.test(`a peer is refused that sends ${name}`, () => {
    assertThrows(does, RtmpProtocolError, says);
  });
}

const FLOODS: readonly { name: string; body: Uint8Array; ask(script: ChunkScript): unknown }[] = [
  {
    name: "media before its publish is decided",
    body: new Uint8Array(60_000),
    ask: (script) => script.command(0, 3, 0, "connect", 1, {}),
  },
  {
    name: "empty messages before connect is decided",
    body: new Uint8Array(0),
    ask: (script) => script.command(0, 3, 0, "connect", 1, {}),
  },
];

for (const { name, body, ask } of FLOODS) {
  Deno.test(`a peer is refused that sends no end of ${name}`, () => {
    const test = new MachineUnderTest();
    test.send(ask);
    const script = new ChunkScript().message(0, 4, { type: 8, streamId: 1 }, body);
    const least = MAX_KEPT_BACK / (body.length + MESSAGE_COST) - 1;
    let sent = 0;
    assertThrows(
      () => {
        for (; sent < 10 * least; sent++) test.machine.receive(script.bytes);
      },
      RtmpProtocolError,
      `more than ${MAX_KEPT_BACK} bytes before it was allowed to`,
    );
    assertLess(least, sent);
    assertLess(test.machine.held, MAX_KEPT_BACK + body.length + 2 * MESSAGE_COST);
  });
}

Deno.test("a connect whose object is nested 10,000 deep is one without an object", () => {
  const body = concat([encodeAmf0("connect", 1), nested(10_000)]);
  const events = new MachineUnderTest().send((script) => script.message(0, 3, { type: 20 }, body));
  assertEquals(events.map((event) => event.type === "connect" && event.info.app), [""]);
});

Deno.test("messages that were announced and hardly sent hold little memory", () => {
  const test = publishing("cam");
  const chunk = new Uint8Array(DEFAULT_CHUNK_SIZE);
  for (let id = 10; id < 60; id++) {
    test.machine.receive(concat([Uint8Array.of(id), bytes("000000 ffffff 09 01000000"), chunk]));
  }
  assertLess(test.machine.held, 50 * 5 * DEFAULT_CHUNK_SIZE);
});

Deno.test("a ping is answered with what it said, before connect too", () => {
  for (const test of [new MachineUnderTest(), MachineUnderTest.connected()]) {
    assertEquals(test.send((script) => script.userControl(1, 6, 0x01020304)), []);
    assertEquals(test.messages().map(({ type, body }) => [type, body]), [[4, bytes("0007 01020304")]]);
    test.send((script) =>
      script.userControl(1, 7, 5).userControl(1, 3, 1, 300).message(1, 2, { type: 4 }, bytes("0006"))
    );
    assertEquals(test.messages(), []);
  }
});

Deno.test("the machine pings", () => {
  const test = MachineUnderTest.connected();
  test.machine.ping(2 ** 32 + 5);
  assertEquals(test.messages().map(({ type, streamId, body }) => [type, streamId, body]), [[
    4,
    0,
    bytes("0006 00000005"),
  ]]);
});

Deno.test("what arrives is acknowledged at half the window that the peer has set", () => {
  const test = publishing("cam");
  test.send((script) => script.control(0, 5, 2000));
  assertEquals(test.messages().map(({ type }) => type), [3]);
  send(test, 1, 0);
  assertEquals(test.messages(), []);
  const body = new Uint8Array(DEFAULT_CHUNK_SIZE * 8);
  test.send((script) => script.message(0, 4, { type: 8, streamId: 1 }, body));
  const [{ type, body: acknowledged }] = test.messages();
  assertEquals(type, 3);
  assertLess(3073 + 1024, new DataView(acknowledged.buffer, acknowledged.byteOffset).getUint32(0));
});

Deno.test("a window of nothing, or of too few bytes, does no harm", () => {
  const test = publishing("cam");
  test.send((script) => script.control(0, 5, 0).message(0, 2, { type: 5 }, bytes("0001")));
  assertEquals(test.messages().map(({ type }) => type), [3]);
});

Deno.test("pipelined in one write, a player gets all its answers once connect is accepted", () => {
  const test = new MachineUnderTest();
  const events = test.send((script) =>
    script.command(0, 3, 0, "connect", 1, { app: "live" }).command(1, 3, 0, "createStream", 2, null)
      .command(0, 8, 1, "play", 3, null, "cam")
  );
  assertEquals(saysYes(test.machine, events).map(({ type }) => type), ["connect", "play"]);
  assertEquals(test.codes(), [
    "NetConnection.Connect.Success",
    "_result",
    "NetStream.Play.Reset",
    "NetStream.Play.Start",
  ]);
});

Deno.test("the machine survives any bytes, and sessions with any bytes changed", () => {
  const script = new ChunkScript().command(0, 3, 0, "connect", 1, { app: "live", tcUrl: "rtmp://localhost/live" });
  script.command(0, 3, 0, "FCPublish", 2, null, "cam").command(1, 3, 0, "createStream", 3, null);
  script.command(0, 4, 1, "publish", 4, null, "cam", "live").command(0, 8, 2, "play", 5, null, "cam", -2000);
  script.message(0, 6, { type: 22, streamId: 1, time: 50 }, bytes("09 000002 0003e8 00 000000 1701 0000000d"));
  script.message(0, 5, { type: 9, streamId: 1, time: 0xff_fffe }, new Uint8Array(300).fill(0x17));
  script.userControl(0, 6, 1).control(0, 5, 100_000).command(0, 3, 0, "deleteStream", 6, null, 1);
  const changes = fc.array(fc.tuple(fc.nat(script.bytes.length - 1), fc.nat(255)), { maxLength: 8 });
  const changed = changes.map((changes) => {
    const session = script.bytes.slice();
    for (const [at, byte] of changes) session[at] = byte;
    return session;
  });
  fc.assert(
    fc.property(fc.oneof(changed, fc.uint8Array({ maxLength: 300 })), fc.nat(400), (input, cut) => {
      const { machine } = new MachineUnderTest();
      try {
        for (const part of [input.subarray(0, cut), input.subarray(cut)]) saysYes(machine, machine.receive(part));
      } catch (error) {
        assert(error instanceof RtmpProtocolError, String(error));
      }
    }),
    { numRuns: 1000 },
  );
});

/** Objects in objects, none of them closed. */
function nested(levels: number): Uint8Array {
  return concat(Array(levels).fill(bytes('03 0001 "x"')));
}

function publishing(name: string): MachineUnderTest {
  const test = MachineUnderTest.connected();
  test.send((script) => script.command(0, 4, 1, "publish", 5, null, name));
  test.machine.acceptPublish(1);
  test.messages();
  return test;
}

function playing(): MachineUnderTest {
  const test = MachineUnderTest.connected();
  test.send((script) => script.command(0, 8, 1, "play", 4, null, "cam"));
  test.machine.acceptPlay(1, true);
  test.messages();
  return test;
}

function send(test: MachineUnderTest, streamId: number, time: number): ServerEvent[] {
  return test.send((script) => script.message(0, 4, { type: 8, streamId, time }, AUDIO));
}

function times(events: readonly ServerEvent[]): number[] {
  return events.map((event) => event.type === "media" ? event.message.timestamp : NaN);
}
