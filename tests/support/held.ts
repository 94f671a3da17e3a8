import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { assertEquals, assertLess } from "@std/assert";
import type { Server } from "../../kernel/server.ts";
import type { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { eventually } from "./eventually.ts";

/** What of a server, and of the process that it runs in, could be left behind. */
export interface Held {
  readonly sessions: number;
  readonly streams: number;
  readonly timers: number;
  /** Of the process; 0 where the system does not tell. */
  readonly openFiles: number;
}

/** What is held now. */
export function heldBy({ sessions, streams }: Pick<Server, "sessions" | "streams">, clock: FakeClock): Held {
  return { sessions: sessions.size, streams: streams.size, timers: clock.pending, openFiles: openFiles() };
}

/** Waits until no more is held than before; fails and says what it is. */
export async function assertReleased(held: () => Held, before: Held): Promise<void> {
  const isReleased = () => Object.entries(held()).every(([what, count]) => count <= before[what as keyof Held]);
  await eventually(isReleased, "something is left").catch(() => assertEquals(held(), before));
}

/** Bytes of the heap that are in use when all that can be collected has been. */
export function heapInUse(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  collect();
  return Deno.memoryUsage().heapUsed;
}

/** Fails if the heap has grown by more bytes for each of so many rounds than a round may leave in caches. */
export function assertHeapKept(before: number, rounds: number, bytesPerRound: number): void {
  const bytes = (heapInUse() - before) / rounds;
  assertLess(bytes, bytesPerRound, `${Math.round(bytes)} bytes stay with every round`);
}

function openFiles(): number {
  if (Deno.build.os !== "linux") return 0;
  let count = 0;
  for (const _ of Deno.readDirSync("/proc/self/fd")) count++;
  return count;
}
