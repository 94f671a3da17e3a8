import { checkSuccession, mergeDelta } from "../../media/hls/playlist_succession.ts";
import { parseMasterPlaylist } from "../../media/hls/master_playlist_parser.ts";
import { parseMediaPlaylist, type ReadMediaPlaylist } from "../../media/hls/media_playlist_parser.ts";

/** What the server sees of all players, so that they are one to it. */
const USER_AGENT = "mirror";

/** A file that the mirror itself answers with. */
export interface MirrorFile {
  readonly type: string;
  readonly body: string;
}

/** One request that was passed on. */
export interface MirroredRequest {
  /** With its query. */
  readonly path: string;
  readonly status: number;
}

/**
 * Stands between players and a server, and holds every playlist that passes to the rules of HLS: each by itself, and each
 * to the one before it. All players are one viewer to the server.
 */
export class HlsMirror implements AsyncDisposable {
  readonly requests: MirroredRequest[] = [];
  /** What was wrong with playlists. */
  readonly faults: string[] = [];
  readonly #origin: string;
  readonly #files: Readonly<Record<string, MirrorFile>>;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #playlists = new Map<string, ReadMediaPlaylist>();

  /** `origin` is the server's address, without a slash at the end. */
  constructor(origin: string, files: Readonly<Record<string, MirrorFile>> = {}) {
    this.#origin = origin;
    this.#files = files;
    const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    this.#server = Deno.serve(options, (request) => this.#answer(request));
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** The newest version of each media playlist, delta updates merged, by the path. */
  get playlists(): ReadonlyMap<string, ReadMediaPlaylist> {
    return this.#playlists;
  }

  /** Asks for something as players do; the text of the answer. */
  async fetch(path: string): Promise<{ status: number; text: string }> {
    const response = await fetch(this.url + path);
    return { status: response.status, text: await response.text() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    const file = this.#files[pathname];
    if (file) return new Response(file.body, { headers: { "Content-Type": file.type } });
    const headers = new Headers({ "User-Agent": USER_AGENT });
    const range = request.headers.get("Range");
    if (range) headers.set("Range", range);
    const response = await fetch(this.#origin + pathname + search, { headers });
    const bytes = await response.bytes();
    this.requests.push({ path: pathname + search, status: response.status });
    if (pathname.endsWith(".m3u8") && response.ok) this.#check(pathname, new TextDecoder().decode(bytes));
    return new Response(bytes, { status: response.status, headers: passedOn(response.headers) });
  }

  #check(path: string, text: string): void {
    try {
      if (text.includes("#EXT-X-STREAM-INF")) parseMasterPlaylist(text);
      else this.#checkMedia(path, parseMediaPlaylist(text));
    } catch (error) {
      this.faults.push(`${path}: ${error instanceof Error ? error.message : error}\n${text}`);
    }
  }

  #checkMedia(path: string, read: ReadMediaPlaylist): void {
    const before = this.#playlists.get(path);
    const whole = read.skipped > 0 && before ? mergeDelta(before, read) : read;
    if (before && isNewer(whole, before)) checkSuccession(before, whole);
    if (!before || isNewer(whole, before)) this.#playlists.set(path, whole);
  }
}

/** Answers that were asked for together may come in another order. */
function isNewer(a: ReadMediaPlaylist, b: ReadMediaPlaylist): boolean {
  return position(a) >= position(b) && (!b.isEnded || a.isEnded === true);
}

function position({ mediaSequence = 0, segments, pending }: ReadMediaPlaylist): number {
  return mediaSequence + segments.length + (pending?.parts?.length ?? 0) / 10_000;
}

function passedOn(headers: Headers): Headers {
  const names = ["Content-Type", "Content-Range", "Cache-Control", "Accept-Ranges"];
  return new Headers(names.flatMap((name): [string, string][] => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value]];
  }));
}
