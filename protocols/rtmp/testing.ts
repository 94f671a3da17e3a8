import { decodeAmf0, encodeAmf0 } from "../../media/amf/amf0.ts";
import type { AmfValue } from "../../media/amf/amf_value.ts";
import { ByteWriter, concat } from "../../media/bytes.ts";
import { ChunkReader } from "./wire/chunk_reader.ts";
import { parseRtmpAddress } from "./client/client_address.ts";
import type { ClientEvent } from "./client/client_events.ts";
import { ClientMachine } from "./client/client_machine.ts";
import { clientHandshake, serverHandshake } from "./wire/handshake.ts";
import { MessageType, type RtmpMessage } from "./wire/message.ts";
import type { ServerEvent } from "./server/server_events.ts";
import { ServerMachine } from "./server/server_machine.ts";

/** What a chunk's header says, as far as its format has it. */
export interface Header {
  readonly type?: number;
  readonly streamId?: number;
  /** The timestamp of format 0, the delta of formats 1 and 2, in milliseconds. */
  readonly time?: number;
}

/** Writes messages with headers of any format, as encoders do. For tests. */
export class ChunkScript {
  readonly #out = new ByteWriter();
  #chunkSize = 128;

  /** What has been written. */
  get bytes(): Uint8Array {
    return this.#out.view();
  }

  /** Appends a message; format 0 has a full header, 3 none. Only chunk streams of one byte. */
  message(format: 0 | 1 | 2 | 3, chunkStream: number, header: Header, body: Uint8Array): this {
    const { type = 0, streamId = 0, time = 0 } = header;
    this.#out.u8(format << 6 | chunkStream);
    if (format <= 2) this.#out.u24(time);
    if (format <= 1) this.#out.u24(body.length).u8(type);
    if (format === 0) this.#out.u32le(streamId);
    for (let at = 0; at < body.length; at += this.#chunkSize) {
      if (at > 0) this.#out.u8(0xc0 | chunkStream);
      this.#out.raw(body.subarray(at, at + this.#chunkSize));
    }
    return this;
  }

  /** Appends a message of one chunk whose time has 32 bits. */
  extended(chunkStream: number, { type = 0, streamId = 0, time = 0 }: Header, body: Uint8Array): this {
    this.#out.u8(chunkStream).u24(0xff_ffff).u24(body.length).u8(type).u32le(streamId).u32(time).raw(body);
    return this;
  }

  /** Appends a command in AMF0. */
  command(format: 0 | 1, chunkStream: number, streamId: number, ...values: AmfValue[]): this {
    return this.message(format, chunkStream, { type: MessageType.COMMAND_AMF0, streamId }, encodeAmf0(...values));
  }

  /** Announces a chunk size and uses it. */
  chunkSize(size: number, format: 0 | 1 = 0): this {
    this.message(format, 2, { type: MessageType.SET_CHUNK_SIZE }, words(size));
    this.#chunkSize = size;
    return this;
  }

  /** Appends a control message of 32-bit words. */
  control(format: 0 | 1, type: number, ...values: number[]): this {
    return this.message(format, 2, { type }, words(...values));
  }

  /** Appends a user control event. */
  userControl(format: 0 | 1, event: number, ...values: number[]): this {
    const body = concat([Uint8Array.of(event >> 8, event), words(...values)]);
    return this.message(format, 2, { type: MessageType.USER_CONTROL }, body);
  }
}

function words(...values: number[]): Uint8Array {
  const out = new ByteWriter(16);
  for (const value of values) out.u32(value);
  return out.view();
}

/** A message as a test wants to see it: commands and data taken apart, the rest as it came. */
export type Heard = { readonly type: number; readonly streamId: number; readonly values: readonly AmfValue[] };

/** One side's machine: bytes in, bytes out. */
interface Machine {
  take(): Uint8Array | undefined;
}

/** Reads what a machine writes after its handshake. */
class Listener {
  readonly #machine: Machine;
  readonly #reader = new ChunkReader();

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** The messages that the machine has written since the last call. */
  messages(): RtmpMessage[] {
    const messages: RtmpMessage[] = [];
    for (let bytes = this.#machine.take(); bytes; bytes = this.#machine.take()) {
      messages.push(...this.#reader.read(bytes));
    }
    return messages;
  }

  /** The commands that the machine has written since the last call. */
  heard(): Heard[] {
    return this.messages().filter(({ type }) => type === MessageType.COMMAND_AMF0).map(({ type, streamId, body }) => ({
      type,
      streamId,
      values: decodeAmf0(body),
    }));
  }

  /** The status codes, or the names of other commands, that the machine has written since the last call. */
  codes(): string[] {
    return this.heard().map(({ values }) => {
      const information = values[3];
      const code = typeof information === "object" && information && "code" in information ? information.code : "";
      return String(code || values[0]);
    });
  }
}

/** A server machine, and what a peer of it hears. */
export class MachineUnderTest extends Listener {
  readonly machine: ServerMachine;

  constructor() {
    const machine = new ServerMachine();
    super(machine);
    this.machine = machine;
    const client = clientHandshake();
    for (let bytes = client.take(); bytes; bytes = client.take()) {
      machine.receive(bytes);
      for (let sent = machine.take(); sent; sent = machine.take()) client.receive(sent);
    }
  }

  /** A machine whose peer has connected to the app. */
  static connected(app = "live", more: Readonly<Record<string, AmfValue>> = {}): MachineUnderTest {
    const test = new MachineUnderTest();
    const connect = { app, tcUrl: `rtmp://localhost/${app}`, ...more };
    test.machine.receive(new ChunkScript().command(0, 3, 0, "connect", 1, connect).bytes);
    test.machine.acceptConnect();
    test.messages();
    return test;
  }

  /** A machine whose peer publishes on message stream 1. */
  static publishing(name: string): MachineUnderTest {
    const test = MachineUnderTest.connected();
    test.send((script) => script.command(0, 4, 1, "publish", 5, null, name));
    test.machine.acceptPublish(1);
    test.messages();
    return test;
  }

  /** A machine whose peer plays on message stream 1. */
  static playing(name = "cam"): MachineUnderTest {
    const test = MachineUnderTest.connected();
    test.send((script) => script.command(0, 8, 1, "play", 4, null, name));
    test.machine.acceptPlay(1, true);
    test.messages();
    return test;
  }

  /** Sends messages in chunks of the default size; gives the events. */
  send(write: (script: ChunkScript) => unknown): ServerEvent[] {
    return this.machine.receive(written(write));
  }
}

/** A client machine, and what a server of it hears. */
export class ClientUnderTest extends Listener {
  readonly machine: ClientMachine;

  constructor(purpose: "publish" | "play", address: string) {
    const machine = new ClientMachine(purpose, parseRtmpAddress(address));
    super(machine);
    this.machine = machine;
    const server = serverHandshake();
    server.receive(machine.take() ?? NOTHING);
    machine.receive(server.take() ?? NOTHING);
    server.receive(machine.take() ?? NOTHING);
  }

  /** A machine whose server has accepted. */
  static ready(purpose: "publish" | "play", more: Readonly<Record<string, AmfValue>> = {}): ClientUnderTest {
    const test = new ClientUnderTest(purpose, "rtmp://localhost/live/cam");
    const createStream = purpose === "publish" ? 4 : 2;
    const start = purpose === "publish" ? "NetStream.Publish.Start" : "NetStream.Play.Start";
    test.send((script) => {
      script.command(0, 3, 0, "_result", 1, null, { code: "NetConnection.Connect.Success", ...more });
      script.command(0, 3, 0, "_result", createStream, null, 1);
      script.command(0, 3, 1, "onStatus", 0, null, { level: "status", code: start });
    });
    test.messages();
    return test;
  }

  /** Sends messages of the server in chunks of the default size; gives the events. */
  send(write: (script: ChunkScript) => unknown): ClientEvent[] {
    return this.machine.receive(written(write));
  }
}

const NOTHING = new Uint8Array(0);

function written(write: (script: ChunkScript) => unknown): Uint8Array {
  const script = new ChunkScript();
  write(script);
  return script.bytes;
}

/** Answers every question of a machine with yes, and notes all that it tells. */
export function saysYes(machine: ServerMachine, events: readonly ServerEvent[]): ServerEvent[] {
  return events.flatMap((event) => {
    if (event.type === "connect") return [event, ...saysYes(machine, machine.acceptConnect())];
    if (event.type === "publish") return [event, ...saysYes(machine, machine.acceptPublish(event.streamId))];
    if (event.type === "play") {
      return [event, ...saysYes(machine, machine.acceptPlay(event.streamId, event.reset))];
    }
    return [event];
  });
}
