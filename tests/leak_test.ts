import { assertEquals } from "@std/assert";
import { HookBus } from "../kernel/plugin/hooks.ts";
import { silentLogger } from "../kernel/log/log.ts";
import { definePlugin, type PluginContext } from "../kernel/plugin/plugin.ts";
import { onlyIsolate } from "../kernel/plugin/placement.ts";
import { PluginHost, type SharedContext } from "../kernel/plugin/plugin_host.ts";
import type { Session } from "../kernel/sessions/session.ts";
import { createServer, type Server } from "../kernel/server.ts";
import { FakeClock } from "../kernel/testing/fake_clock.ts";
import { keyOf, write } from "../kernel/testing/house.ts";
import { settled } from "../kernel/testing/settled.ts";
import { eventually } from "./support/eventually.ts";
import { readText, textFormat } from "../kernel/testing/text_format.ts";

const STREAMS = 500;
const AT_ONCE = 50;
const PLAYERS = 3;

const TOLD = ["session:start", "session:end", "stream:start", "stream:end", "play:start", "play:end"] as const;

/** How a publisher goes. */
const ENDINGS = ["ends", "vanishes", "falls silent", "is replaced", "never comes"] as const;

class Stage {
  readonly clock = new FakeClock();
  ctx!: PluginContext;
  server!: Server;
  /** How many publishers another has replaced. */
  replaced = 0;
  /** How often each event was told. */
  readonly told: Record<string, number> = {};

  async start(): Promise<this> {
    const door = definePlugin({
      name: "door",
      setup: (ctx) => {
        this.ctx = ctx;
        ctx.decide("publish", () => ({ credential: "same" }));
        ctx.decide("play", () => {});
        for (const name of TOLD) ctx.on(name, () => void (this.told[name] = (this.told[name] ?? 0) + 1));
      },
    });
    const config = { http: { host: "127.0.0.1", port: 0 } };
    this.server = await createServer({ plugins: [door()], config, clock: this.clock, log: () => {} });
    return this;
  }

  open(): Promise<Session> {
    return this.ctx.open({ protocol: "test", remote: "127.0.0.1:5000", params: new URLSearchParams("key=k") });
  }

  /** What could be left over. */
  get held() {
    return { streams: this.server.streams.size, sessions: this.server.sessions.size, timers: this.clock.pending };
  }

  /** One name's life: published, played, and gone in one way or another. */
  async live(number: number): Promise<void> {
    const ending = ENDINGS[number % ENDINGS.length];
    const key = keyOf(`stream-${number}`);
    const players = await Promise.all(Array.from({ length: PLAYERS }, () => this.open()));
    const played = players.map((session) => this.ctx.play(session, key).catch(() => undefined));
    const publisher = await this.open();
    if (ending === "never comes") await Promise.all(played);
    else await this.#publish(publisher, key, ending, played);
    for (const session of players) session.close("left");
    publisher.close("left");
    await Promise.all(played);
  }

  async #publish(publisher: Session, key: ReturnType<typeof keyOf>, ending: string, played: Promise<unknown>[]) {
    const publication = await this.ctx.publish(publisher, key);
    write(publication, "m0 V0 A0 K0 a0 d40 a23");
    for (const playback of await Promise.all(played) as Awaited<ReturnType<PluginContext["play"]>>[]) {
      readText(playback.read(textFormat()));
      for (const packets = playback.packets(); packets.next(););
    }
    write(publication, "d80 K120");
    if (ending === "ends") publication.end();
    if (ending === "vanishes") publisher.close("left");
    if (ending === "falls silent") await aborted(publication.signal);
    if (ending !== "is replaced") return;
    const second = await this.open();
    (await this.ctx.publish(second, key)).end();
    second.close("left");
    this.replaced++;
  }
}

function aborted(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}

Deno.test("two thousand sessions and five hundred streams come and go, and nothing of them is left", async () => {
  const stage = await new Stage().start();
  await using _server = stage.server;
  const before = stage.held;
  for (let number = 0; number < STREAMS; number += AT_ONCE) {
    const lives = Array.from({ length: AT_ONCE }, (_, i) => stage.live(number + i));
    await settled();
    // Who replaces a publisher gives it a moment of the machine's time, in which no time of the server may pass.
    const replaced = (number + AT_ONCE) / ENDINGS.length;
    await eventually(() => stage.replaced === replaced, "a publisher is not replaced");
    await stage.clock.advanceAsync(60_000, 1000);
    await Promise.all(lives);
  }
  await stage.clock.advanceAsync(60_000, 1000);
  assertEquals(stage.held, before);
  const published = STREAMS * (ENDINGS.length - 1) / ENDINGS.length;
  const sessions = STREAMS * (PLAYERS + 1) + STREAMS / ENDINGS.length;
  assertEquals(stage.told, {
    "session:start": sessions,
    "session:end": sessions,
    "stream:start": published,
    "stream:end": published,
    "play:start": published * PLAYERS,
    "play:end": published * PLAYERS,
  });
});

Deno.test("plugins come and go, and none of their handlers is left", async () => {
  const clock = new FakeClock();
  const hooks = new HookBus(silentLogger, clock);
  const shared = { clock, hooks, log: silentLogger, front: {}, placement: onlyIsolate() } as unknown as SharedContext;
  const plugin = definePlugin({
    name: "many",
    setup(ctx) {
      for (const name of ["connect", "publish", "play", "resolve"] as const) ctx.decide(name, () => {});
      for (const name of ["stream:start", "stream:end", "play:start", "play:end"] as const) ctx.on(name, () => {});
    },
  });
  for (let i = 0; i < 100; i++) {
    const hosts = Array.from({ length: 5 }, (_, order) => new PluginHost(plugin(), order, shared));
    for (const host of hosts) await host.setup({});
    assertEquals(hooks.size, 40);
    for (const host of hosts) await host[Symbol.asyncDispose]();
  }
  assertEquals([hooks.size, clock.pending], [0, 0]);
});
