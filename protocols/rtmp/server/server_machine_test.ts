import { assert, assertEquals, assertLess } from "@std/assert";
import { encodeAmf0 } from "../../../media/amf/amf0.ts";
import { TypedObject } from "../../../media/amf/amf_value.ts";
import { concat } from "../../../media/bytes.ts";
import { bytes } from "../../../media/testing.ts";
import { DEFAULT_CHUNK_SIZE } from "../wire/chunk_reader.ts";
import { MESSAGE_COST } from "./kept_back.ts";
import type { ServerEvent } from "./server_events.ts";
import { ChunkScript, MachineUnderTest } from "../testing.ts";

const AUDIO = bytes("af01 aabbcc");

Deno.test("a connect is asked about, with all that the peer told of itself", () => {
  const test = new MachineUnderTest();
  const given = {
    app: "live",
    tcUrl: "rtmp://h/live?key=1",
    pageUrl: "https://p/",
    flashVer: "F",
    capsEx: 6,
    sluiceHops: "a,b",
  };
  const events = test.send((script) => script.command(0, 3, 0, "connect", 1, given));
  assertEquals(test.machine.connectInfo?.app, "live");
  assertEquals(events, [{
    type: "connect",
    info: {
      app: "live",
      tcUrl: "rtmp://h/live?key=1",
      pageUrl: "https://p/",
      flashVer: "F",
      hops: "a,b",
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
      info: {
        app: "",
        tcUrl: "",
        pageUrl: undefined,
        flashVer: undefined,
        hops: undefined,
        isPublisher: false,
        knowsTracks: false,
      },
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
    const test = MachineUnderTest.publishing("cam?key=1");
    assertEquals(test.send(says), [{ type: "unpublish", streamId: 1 }]);
    assertEquals(test.codes(), answers);
    assertEquals(send(test, 1, 20), []);
    assertEquals(test.send(says), []);
  });
}

Deno.test("FCUnpublish finishes the stream that it names and no other", () => {
  const test = MachineUnderTest.publishing("cam");
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
  const test = MachineUnderTest.publishing("cam");
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

Deno.test("Flash's publish(false) and play(false) end what a stream is used for", () => {
  const publisher = MachineUnderTest.publishing("cam");
  const unpublished = publisher.send((script) => script.command(0, 4, 1, "publish", 0, null, false));
  assertEquals(unpublished, [{ type: "unpublish", streamId: 1 }]);
  const player = MachineUnderTest.playing();
  const stopped = player.send((script) => script.command(0, 4, 1, "play", 0, null, false));
  assertEquals(stopped, [{ type: "stop", streamId: 1 }]);
});

Deno.test("an encoder that publishes false has no name for its stream", () => {
  const events = MachineUnderTest.connected().send((script) => script.command(0, 4, 1, "publish", 5, null, false));
  assertEquals(events, [{ type: "publish", streamId: 1, name: "" }]);
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

Deno.test("a command without a name, and a deleteStream without a number, mean nothing", () => {
  const test = MachineUnderTest.connected();
  assertEquals(test.send((script) => script.command(0, 3, 0, 5, 5).command(0, 3, 0, "deleteStream", 5, null, "x")), []);
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
  const test = MachineUnderTest.publishing("cam");
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

function send(test: MachineUnderTest, streamId: number, time: number): ServerEvent[] {
  return test.send((script) => script.message(0, 4, { type: 8, streamId, time }, AUDIO));
}

function times(events: readonly ServerEvent[]): number[] {
  return events.map((event) => event.type === "media" ? event.message.timestamp : NaN);
}
