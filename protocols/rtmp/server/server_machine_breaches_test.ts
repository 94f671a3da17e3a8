import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import fc from "fast-check";
import { encodeAmf0 } from "../../../media/amf/amf0.ts";
import { concat } from "../../../media/bytes.ts";
import { bytes } from "../../../media/testing.ts";
import { DEFAULT_CHUNK_SIZE } from "../wire/chunk_reader.ts";
import { RtmpProtocolError } from "../wire/errors.ts";
import { MAX_KEPT_BACK, MESSAGE_COST } from "./kept_back.ts";
import { MAX_MESSAGE_STREAMS } from "./server_machine.ts";
import { ChunkScript, MachineUnderTest, saysYes } from "../testing.ts";

Deno.test(`a connection may have ${MAX_MESSAGE_STREAMS} message streams`, () => {
  const test = MachineUnderTest.connected();
  for (let i = 0; i < MAX_MESSAGE_STREAMS; i++) test.send((script) => script.command(0, 3, 0, "createStream", 2, null));
  assertEquals(test.heard().at(-1)?.values[3], MAX_MESSAGE_STREAMS);
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
  const test = MachineUnderTest.publishing("cam");
  const chunk = new Uint8Array(DEFAULT_CHUNK_SIZE);
  for (let id = 10; id < 60; id++) {
    test.machine.receive(concat([Uint8Array.of(id), bytes("000000 ffffff 09 01000000"), chunk]));
  }
  assertLess(test.machine.held, 50 * 5 * DEFAULT_CHUNK_SIZE);
});

Deno.test("a window of nothing, or of too few bytes, does no harm", () => {
  const test = MachineUnderTest.publishing("cam");
  test.send((script) => script.control(0, 5, 0).message(0, 2, { type: 5 }, bytes("0001")));
  assertEquals(test.messages().map(({ type }) => type), [3]);
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
