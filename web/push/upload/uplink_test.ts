import { assertEquals } from "@std/assert";
import { Uplink, type UplinkSocket } from "./uplink.ts";

class FakeSocket implements UplinkSocket {
  bufferedAmount = 0;
  onopen: UplinkSocket["onopen"] = null;
  onclose: UplinkSocket["onclose"] = null;
  readonly sent: number[][] = [];
  closedWith?: number | null;

  send(bytes: Uint8Array): void {
    this.sent.push([...bytes]);
  }

  close(code?: number): void {
    this.closedWith = code ?? null;
  }
}

/** An uplink, the sockets it has opened, what it said, and a clock that a test moves. */
class Scene {
  readonly sockets: FakeSocket[] = [];
  readonly phases: string[] = [];
  readonly waits: number[] = [];
  onChange?: () => void;
  now = 0;
  #timer?: () => void;
  readonly uplink = new Uplink({
    open: () => {
      this.sockets.push(new FakeSocket());
      return this.socket;
    },
    later: (callback, ms) => {
      this.waits.push(ms);
      this.#timer = () => {
        this.now += ms;
        callback();
      };
      return () => this.#timer = undefined;
    },
    now: () => this.now,
    onChange: ({ phase, words }) => {
      this.phases.push(words ? `${phase}: ${words}` : phase);
      this.onChange?.();
    },
    onOpen: () => Uint8Array.of(this.sockets.length),
  });

  get socket(): FakeSocket {
    return this.sockets[this.sockets.length - 1];
  }

  get isTimed(): boolean {
    return this.#timer !== undefined;
  }

  fire(): void {
    const timer = this.#timer;
    this.#timer = undefined;
    timer?.();
  }

  close(code: number, reason = ""): void {
    this.socket.onclose?.({ code, reason });
  }
}

/** A scene whose uplink is open. */
function open(): Scene {
  const scene = new Scene();
  scene.uplink.start();
  scene.socket.onopen!();
  return scene;
}

Deno.test("each connection begins with what a publication begins with", () => {
  const scene = open();
  scene.uplink.send(Uint8Array.of(7));
  scene.close(1006);
  scene.fire();
  scene.socket.onopen!();
  assertEquals(scene.sockets.map(({ sent }) => sent), [[[1], [7]], [[2]]]);
});

Deno.test("nothing goes before what a publication begins with, however soon it is sent", () => {
  const scene = new Scene();
  scene.onChange = () => scene.uplink.send(Uint8Array.of(7));
  scene.uplink.start();
  scene.socket.onopen!();
  assertEquals(scene.socket.sent, [[1], [7]]);
});

Deno.test("what is sent while there is no connection is lost, not piled up", () => {
  const scene = new Scene();
  scene.uplink.send(Uint8Array.of(7));
  scene.uplink.start();
  scene.uplink.send(Uint8Array.of(7));
  assertEquals(scene.socket.sent, []);
});

Deno.test("a server that is away is asked again after longer and longer waits", () => {
  const scene = new Scene();
  scene.uplink.start();
  for (let i = 0; i < 7; i++) {
    scene.close(1006);
    scene.fire();
  }
  assertEquals(scene.waits, [250, 500, 1000, 2000, 4000, 4000, 4000]);
  assertEquals(scene.phases[1], "waiting: The server cannot be reached");
});

Deno.test("after a good connection the first try is quick again", () => {
  const scene = open();
  for (const age of [100, 60_000]) {
    scene.now += age;
    scene.close(1001);
    scene.fire();
    scene.socket.onopen!();
  }
  assertEquals(scene.waits, [250, 250]);
});

Deno.test("a refusal is told in the server's words and not tried again", () => {
  const scene = open();
  scene.close(4403, "Publishing needs a key");
  assertEquals(scene.uplink.status, { phase: "refused", words: "Publishing needs a key" });
  assertEquals(scene.isTimed, false);
});

Deno.test("a name that another has is not fought for", () => {
  const scene = open();
  scene.close(4409, "live/cam has a publisher already");
  assertEquals(scene.uplink.status.phase, "refused");
});

Deno.test("a name that our own broken connection still holds is waited for, but not for ever", () => {
  const scene = open();
  scene.now = 10_000;
  scene.close(1006);
  const tries = () => {
    scene.fire();
    scene.socket.onopen?.();
    scene.close(4409, "taken");
    return scene.uplink.status.phase;
  };
  const phases = Array.from({ length: 10 }, tries);
  assertEquals(phases.indexOf("refused"), 8);
});

Deno.test("stopping ends the stream properly and all that was to come", () => {
  const scene = open();
  const { socket } = scene;
  scene.uplink.stop();
  assertEquals([socket.closedWith, scene.uplink.status.phase, socket.onclose], [1000, "idle", null]);
  const waiting = open();
  waiting.close(1006);
  waiting.uplink.stop();
  assertEquals(waiting.isTimed, false);
});

Deno.test("what has left is counted over all connections", () => {
  const scene = open();
  scene.uplink.send(new Uint8Array(99));
  scene.socket.bufferedAmount = 40;
  assertEquals([scene.uplink.sentBytes, scene.uplink.queuedBytes, scene.uplink.givenBytes], [60, 40, 100]);
  scene.close(1006);
  scene.fire();
  scene.socket.onopen!();
  assertEquals([scene.uplink.sentBytes, scene.uplink.queuedBytes, scene.uplink.givenBytes], [61, 0, 1]);
});
