import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { addressOf } from "../front/peer_address.ts";
import { Closed } from "../reasons.ts";
import { OpenSession } from "./session.ts";
import { collectLog } from "../testing/collected_log.ts";
import { FakeClock } from "../testing/fake_clock.ts";

function open(info: Partial<ConstructorParameters<typeof OpenSession>[0]> = {}) {
  const clock = new FakeClock();
  const { log, records } = collectLog("debug", clock);
  return {
    clock,
    records,
    session: new OpenSession({ protocol: "rtmp", remote: "127.0.0.1:5000", ...info }, log.child("rtmp"), clock),
  };
}

Deno.test("the first reason for a session's end stays", () => {
  const { session } = open();
  session.close("kicked", "by the operator");
  session.close("left");
  session[Symbol.dispose]();
  assertEquals(Closed.of(session.signal).reason, "kicked");
  assertEquals(Closed.of(session.signal).message, "by the operator");
});

Deno.test("disposing an open session closes it as left", () => {
  const { session } = open();
  session[Symbol.dispose]();
  assertEquals(Closed.of(session.signal).reason, "left");
});

Deno.test("two sessions never share an id", () => {
  assertNotEquals(open().session.id, open().session.id);
  assertMatch(open().session.id, /^[0-9a-z]{11}$/);
});

Deno.test("what a session says of itself holds no key", () => {
  const { session, clock } = open({
    params: new URLSearchParams("key=s3cr3t"),
    url: "rtmp://host/live",
    userAgent: "OBS",
  });
  clock.advance(1234);
  session.bytesIn += 10;
  session.bytesOut += 20;
  assertEquals(session.params.get("key"), "s3cr3t");
  assertEquals(session.toJSON(), {
    id: session.id,
    protocol: "rtmp",
    remote: "127.0.0.1:5000",
    url: "rtmp://host/live",
    userAgent: "OBS",
    since: "2026-01-01T00:00:00.000Z",
    seconds: 1.2,
    bytesIn: 10,
    bytesOut: 20,
  });
});

Deno.test("a session's log lines say whose they are", () => {
  const { session, records } = open();
  session.log.info("hello");
  assertEquals(records[0].category, ["sluice", "rtmp"]);
  assertEquals(records[0].properties, { session: session.id, protocol: "rtmp", peer: "127.0.0.1:5000" });
});

const PEERS = [
  { remoteAddress: "192.0.2.1", remotePort: 5000, address: "192.0.2.1:5000" },
  { remoteAddress: "::ffff:192.0.2.1", remotePort: 5000, address: "192.0.2.1:5000" },
  { remoteAddress: "2001:db8::1", remotePort: 80, address: "[2001:db8::1]:80" },
  { remoteAddress: "::ffff:1", remotePort: 80, address: "[::ffff:1]:80" },
  { remoteAddress: undefined, remotePort: undefined, address: "unknown:0" },
];

for (const { address, ...socket } of PEERS) {
  Deno.test(`the peer ${socket.remoteAddress} is written ${address}`, () => assertEquals(addressOf(socket), address));
}

Deno.test("a callback that throws keeps nobody else from hearing of a session's end", () => {
  const { session, records } = open();
  let heard = "";
  session.onClose(() => {
    throw new Error("broken driver");
  });
  session.onClose(({ reason }) => heard = reason);
  session.close("kicked");
  assertEquals(heard, "kicked");
  assertMatch(String(records[0].rawMessage), /broken driver/);
});
