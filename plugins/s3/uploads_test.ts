import { assertEquals } from "@std/assert";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import { collectLog } from "../../kernel/testing/collected_log.ts";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { settled } from "../../kernel/testing/settled.ts";
import { Turns } from "../shared/turns.ts";
import { Ledger } from "./ledger.ts";
import { PartBuffers } from "./part_buffers.ts";
import { Uploads } from "./uploads.ts";
import type { UploadHost } from "./work.ts";

const PATH = "hls/live/cam/20260101_000000/index.m3u8";

Deno.test("a server that stops while it looks at what was just sent waits for that, and logs no error", async () => {
  const ledger = new Ledger(":memory:");
  const stopping = new AbortController();
  const { log, lines } = collectLog();
  const looks = Promise.withResolvers<void>();
  const facts = Promise.withResolvers<{ modified: Date; size: number }>();
  const text = new TextEncoder().encode("#EXTM3U\n#EXT-X-ENDLIST\n");
  const files = {
    facts: (path: string) => {
      if (path !== PATH) return Promise.resolve(undefined);
      if (ledger.of(PATH)?.state !== "done") return Promise.resolve({ modified: new Date(1), size: 1 });
      looks.resolve();
      return facts.promise;
    },
    open: () =>
      Promise.resolve({
        read: (piece: Uint8Array, position: number) => {
          const rest = text.subarray(position);
          piece.set(rest);
          return Promise.resolve(rest.length);
        },
        [Symbol.asyncDispose]: () => Promise.resolve(),
      }),
  };
  const host = {
    files,
    dataDir: "",
    clock: new FakeClock(),
    store: { put: () => Promise.resolve() },
    ledger,
    partBytes: 1000,
    buffers: new PartBuffers(1000),
    slots: new Turns(1, 10),
  } as unknown as UploadHost;
  const ctx = { clock: host.clock, signal: stopping.signal, log, tell: () => {}, examiner: () => {} };
  const uploads = new Uploads(ctx as unknown as PluginContext, host, (key) => key);
  await uploads.complete({ kind: "hls", stream: "live/cam", by: "hls", path: PATH, key: PATH });
  await looks.promise;
  stopping.abort();
  let state: string | undefined;
  const stopped = uploads.stopped().then(() => {
    state = ledger.of(PATH)?.state;
    ledger[Symbol.dispose]();
  });
  await settled();
  facts.resolve({ modified: new Date(2), size: 1 });
  await stopped;
  await settled();
  assertEquals([lines().filter((line) => line.startsWith("error")), state], [[], "due"]);
});
