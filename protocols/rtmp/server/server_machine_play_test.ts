import { assertEquals } from "@std/assert";
import { bytes } from "../../../media/testing.ts";
import { MachineUnderTest, saysYes } from "../testing.ts";

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

Deno.test("a play is asked about, and accepted with all that players wait for", () => {
  const test = MachineUnderTest.connected();
  const asked = test.send((script) => script.command(0, 8, 1, "play", 4, null, "cam", -2000));
  assertEquals(asked, [{ type: "play", streamId: 1, name: "cam", reset: true }]);
  test.machine.acceptPlay(1, true);
  const messages = test.messages();
  assertEquals(messages.map(({ type, streamId }) => [type, streamId]), [[4, 0], [20, 1], [20, 1], [18, 1]]);
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

Deno.test("a player that ends hears it, and may play again", () => {
  const test = MachineUnderTest.playing();
  test.machine.endPlay(1, "over");
  assertEquals(test.codes(), ["NetStream.Play.UnpublishNotify", "NetStream.Play.Stop"]);
  assertEquals(test.send((script) => script.command(0, 8, 1, "play", 4, null, "cam")).map(({ type }) => type), [
    "play",
  ]);
});

Deno.test("players pause, seek and switch kinds of tracks", () => {
  const test = MachineUnderTest.playing();
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
