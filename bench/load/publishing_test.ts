import { assertEquals } from "@std/assert";
import { FlvReader } from "../../media/flv/reader.ts";
import { ServerMachine } from "../../protocols/rtmp/server/server_machine.ts";
import type { Address, Protocol } from "./address.ts";
import { CONFIGS, FrameSource } from "./frames.ts";
import { greeting } from "./greeting.ts";
import { publishing } from "./publishing.ts";
import { concat } from "../../media/bytes.ts";

function address(protocol: Protocol): Address {
  return { protocol, host: "127.0.0.1", port: 1234, app: "live", stream: "bench" };
}

function someFrames() {
  const source = new FrameSource(2000);
  return [...CONFIGS, ...Array.from({ length: 10 }, () => source.next(0))];
}

/** What an RTMP server makes of what it is sent, when it says yes to all. */
function serve(parts: readonly Uint8Array[]): string[] {
  const machine = new ServerMachine();
  const heard: string[] = [];
  for (const part of parts) {
    const events = machine.receive(part);
    for (const event of events) {
      if (event.type === "connect") {
        heard.push(`connect ${event.info.app} ${event.info.tcUrl}`);
        events.push(...machine.acceptConnect());
      } else if (event.type === "publish") {
        heard.push(`publish ${event.name} on ${event.streamId}`);
        events.push(...machine.acceptPublish(event.streamId));
      } else if (event.type === "play") heard.push(`play ${event.name} on ${event.streamId}`);
      else if (event.type === "media") heard.push(`${event.message.type} ${event.message.body.length}`);
    }
  }
  return heard;
}

Deno.test("an RTMP server hears who publishes what, and every frame", () => {
  const { steps, encode } = publishing(address("rtmp"));
  const frames = someFrames();
  assertEquals(serve([...steps.map(({ send }) => send), ...frames.map(encode)]), [
    "connect live rtmp://127.0.0.1:1234/live",
    "publish bench on 1",
    ...frames.map(({ tagType, body }) => `${tagType} ${body.length}`),
  ]);
});

Deno.test("an RTMP publisher waits for the whole handshake and for the server's yes", () => {
  const [hello, publish] = publishing(address("rtmp")).steps;
  assertEquals([3072, 3073].map((length) => hello.isAnswered(new Uint8Array(length))), [false, true]);
  const answer = new TextEncoder().encode("...NetStream.Publish.Start...");
  assertEquals([publish.isAnswered(answer.subarray(0, 20)), publish.isAnswered(answer)], [false, true]);
});

Deno.test("an RTMP server hears who plays what", () => {
  const { first, second } = greeting(address("rtmp"));
  assertEquals(serve([first, second!]), ["connect live rtmp://127.0.0.1:1234/live", "play bench on 1"]);
});

Deno.test("an HTTP-FLV publisher sends a chunked FLV stream", () => {
  const { steps: [head, start], encode } = publishing(address("http-flv"));
  assertEquals(new TextDecoder().decode(head.send).split("\r\n"), [
    "POST /live/bench HTTP/1.1",
    "Host: 127.0.0.1:1234",
    "Transfer-Encoding: chunked",
    "",
    "",
  ]);
  const frames = someFrames();
  assertEquals(tags([start.send, ...frames.map(encode)].map(unchunked)), frames.map(({ body }) => body));
});

Deno.test("a WS-FLV publisher sends an FLV stream in masked binary messages", () => {
  const { steps: [, start], encode } = publishing(address("ws-flv"));
  const frames = someFrames();
  assertEquals(tags([start.send, ...frames.map(encode)].map(unmasked)), frames.map(({ body }) => body));
});

function tags(pieces: readonly Uint8Array[]): Uint8Array[] {
  return new FlvReader().read(concat(pieces)).filter((event) => event.type === "tag").map(({ body }) => body);
}

function unchunked(chunk: Uint8Array): Uint8Array {
  const text = new TextDecoder("latin1").decode(chunk);
  const [size] = text.split("\r\n", 1);
  assertEquals(text.slice(-2), "\r\n");
  assertEquals(chunk.length, size.length + 4 + Number.parseInt(size, 16));
  return chunk.subarray(size.length + 2, -2);
}

function unmasked(message: Uint8Array): Uint8Array {
  const short = message[1] & 0x7f;
  const header = short === 126 ? 4 : 2;
  assertEquals([message[0], message[1] >> 7], [0x82, 1]);
  assertEquals(Array.from(message.subarray(header, header + 4)), [0, 0, 0, 0]);
  const length = short === 126 ? message[2] * 256 + message[3] : short;
  assertEquals(message.length, header + 4 + length);
  return message.subarray(header + 4);
}
