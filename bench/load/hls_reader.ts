import { type HlsAnswer, HlsConnection } from "./hls_connection.ts";

/** Where the stream is, and how it is read. */
export interface HlsReading {
  readonly host: string;
  readonly port: number;
  /** `/hls/app/stream/`. */
  readonly folder: string;
  /** Whether parts are read as they come, or segments when they are complete. */
  readonly isLowLatency: boolean;
}

/** Something to load: a segment or a part. */
interface Piece {
  readonly uri: string;
  /** In milliseconds. */
  readonly duration: number;
}

/** What is to be loaded, and what is asked for next, as a playlist says. */
interface Listed {
  readonly pieces: readonly Piece[];
  /** In milliseconds. */
  readonly target: number;
  readonly holdBack: number;
  /** What makes the next answer wait for news. */
  readonly blocking: string;
}

/** One who watches, without looking: loads what a player would, when it would, and notes when that comes too late. */
export class HlsReader {
  /** How often what was to be shown next had not come. */
  stalls = 0;
  /** Segments or parts that have come. */
  loaded = 0;
  /** Why it has given up; undefined while it watches. */
  closed?: string;
  readonly #reading: HlsReading;
  readonly #connection: HlsConnection;
  #lastUri = "";
  /** Until when what has come lasts, on the clock of the process. */
  #bufferedUntil?: number;

  constructor(reading: HlsReading, number: number) {
    this.#reading = reading;
    const from = reading.host.startsWith("127.") ? `127.0.0.${2 + number % 100}` : reading.host;
    this.#connection = new HlsConnection(reading.host, reading.port, from, `reader ${number}`);
    void this.#watch().catch((error) => this.closed = error.message);
  }

  get bytes(): number {
    return this.#connection.bytes;
  }

  async #watch(): Promise<void> {
    await this.#get("index.m3u8");
    for (let query = "", wait = 0;;) {
      await pause(wait);
      const askedAt = performance.now();
      const { text } = await this.#get(`media.m3u8${query}`);
      const listed = listing(text!, this.#reading.isLowLatency);
      const isNews = await this.#load(listed);
      query = this.#reading.isLowLatency ? listed.blocking : "";
      const pace = isNews ? listed.target : listed.target / 2;
      wait = this.#reading.isLowLatency ? 0 : Math.max(0, askedAt + pace - performance.now());
    }
  }

  /** Loads what is new; at the beginning, what is as far from the end as players stay. */
  async #load({ pieces, holdBack }: Listed): Promise<boolean> {
    const known = pieces.findIndex(({ uri }) => uri === this.#lastUri);
    const from = this.#lastUri === "" ? entry(pieces, holdBack) : known + 1;
    for (const piece of pieces.slice(from)) {
      await this.#get(piece.uri);
      this.#lastUri = piece.uri;
      this.#note(piece.duration);
    }
    return from < pieces.length;
  }

  #note(duration: number): void {
    const now = performance.now();
    this.loaded++;
    if (this.#bufferedUntil !== undefined && now > this.#bufferedUntil) this.stalls++;
    this.#bufferedUntil = Math.max(now, this.#bufferedUntil ?? 0) + duration;
  }

  async #get(name: string): Promise<HlsAnswer> {
    const answer = await this.#connection.get(this.#reading.folder + name);
    if (answer.status !== 200) throw new Error(`the server answered ${answer.status} for ${name}`);
    return answer;
  }
}

/** Which piece a player begins with. */
function entry(pieces: readonly Piece[], holdBack: number): number {
  let at = pieces.length;
  for (let left = holdBack; at > 0 && left > 0; at--) left -= pieces[at - 1].duration;
  return at;
}

/** Reads a playlist of ours, no stricter than it has to be: thousands of readers do it several times a second. */
function listing(text: string, isLowLatency: boolean): Listed {
  const pieces: Piece[] = [];
  let duration = 0;
  let msn = number(text, /#EXT-X-MEDIA-SEQUENCE:(\d+)/);
  let parts = 0;
  for (const line of text.split("\n")) {
    if (line.startsWith("#EXTINF:")) duration = parseFloat(line.slice(8)) * 1000;
    else if (line.startsWith("#EXT-X-PART:")) {
      parts++;
      if (isLowLatency) {
        pieces.push({ uri: /URI="([^"]+)"/.exec(line)![1], duration: number(line, /DURATION=([\d.]+)/) * 1000 });
      }
    } else if (line !== "" && !line.startsWith("#")) {
      if (!isLowLatency) pieces.push({ uri: line, duration });
      msn++;
      parts = 0;
    }
  }
  return {
    pieces,
    target: number(text, /#EXT-X-TARGETDURATION:(\d+)/) * 1000,
    holdBack: number(text, isLowLatency ? /PART-HOLD-BACK=([\d.]+)/ : /[:,]HOLD-BACK=([\d.]+)/) * 1000,
    blocking: `?_HLS_msn=${msn}&_HLS_part=${parts}`,
  };
}

function number(text: string, pattern: RegExp): number {
  return Number(pattern.exec(text)?.[1] ?? 0);
}

function pause(ms: number): Promise<void> | undefined {
  return ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : undefined;
}
