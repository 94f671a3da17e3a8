import { lines } from "../lines.ts";
import { HlsReader, type HlsReading } from "./hls_reader.ts";

/** What a process of readers is told to do, as JSON in its first argument. */
export interface HlsOrder extends HlsReading {
  readonly readers: number;
  /** How many begin each second. */
  readonly ramp: number;
}

/** What such a process answers to each line that it hears, as JSON: what has happened since the line before. */
export interface HlsReport {
  readonly bytes: number;
  readonly loaded: number;
  readonly stalls: number;
  /** Readers that loaded nothing. */
  readonly starved: number;
  /** Readers that have given up, from the beginning. */
  readonly closed: number;
  readonly closedBecause?: string;
}

/** Watches until its input ends, so that no load outlives the one who ordered it. */
async function work(order: HlsOrder): Promise<void> {
  const readers: HlsReader[] = [];
  const timer = setInterval(() => {
    if (readers.length >= order.readers) return clearInterval(timer);
    readers.push(new HlsReader(order, readers.length));
  }, 1000 / order.ramp);
  let before = new Map<HlsReader, { bytes: number; loaded: number; stalls: number }>();
  for await (const _ of lines(Deno.stdin.readable)) {
    console.log(JSON.stringify(report(readers, before)));
    before = new Map(readers.map((reader) => [reader, { ...counts(reader) }]));
  }
  Deno.exit();
}

function counts({ bytes, loaded, stalls }: HlsReader) {
  return { bytes, loaded, stalls };
}

function report(readers: readonly HlsReader[], before: ReadonlyMap<HlsReader, ReturnType<typeof counts>>): HlsReport {
  const gained = readers.map((reader) => {
    const { bytes, loaded, stalls } = before.get(reader) ?? { bytes: 0, loaded: 0, stalls: 0 };
    return { bytes: reader.bytes - bytes, loaded: reader.loaded - loaded, stalls: reader.stalls - stalls };
  });
  const closed = readers.filter((reader) => reader.closed !== undefined);
  return {
    bytes: sum(gained.map(({ bytes }) => bytes)),
    loaded: sum(gained.map(({ loaded }) => loaded)),
    stalls: sum(gained.map(({ stalls }) => stalls)),
    starved: gained.filter(({ loaded }, i) => loaded === 0 && readers[i].closed === undefined).length,
    closed: closed.length,
    closedBecause: closed[0]?.closed,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

if (import.meta.main) await work(JSON.parse(Deno.args[0]));
