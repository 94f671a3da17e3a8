/** What the API says of a server, as far as it is shown. */
export interface ServerFacts {
  readonly version: string;
  readonly seconds: number;
  readonly sessions: number;
  readonly memory: { readonly rss: number };
  readonly cpuSeconds: number;
  readonly disk: { readonly freeBytes?: number };
  readonly addresses: readonly { readonly name: string; readonly url: string }[];
}

/** What the API says of a stream, as far as it is shown. */
export interface StreamFacts {
  readonly id: string;
  readonly state: string;
  readonly seconds: number;
  readonly publisher?: { readonly protocol: string; readonly remote: string };
  readonly tracks: readonly {
    readonly kind: string;
    readonly codec: string;
    readonly width?: number;
    readonly height?: number;
  }[];
  readonly bitrate: { readonly "10s": number };
  readonly viewers: { readonly total: number };
  readonly sinks: readonly { readonly sink: string }[];
  readonly warnings: readonly { readonly text: string }[];
}

const GAP = "  ";

const HEADINGS = ["stream", "state", "for", "kbit/s", "players", "from", "tracks", "written by"];

/** What is shown of a server: one line of its own, its addresses, and a table of its streams. */
export function statusText(
  server: ServerFacts,
  { items, total }: { readonly items: readonly StreamFacts[]; readonly total: number },
  columns: number,
): string[] {
  const free = server.disk.freeBytes === undefined ? [] : [`${bytesText(server.disk.freeBytes)} free on its disk`];
  const viewers = items.reduce((sum, stream) => sum + stream.viewers.total, 0);
  return [
    [
      `Sluice ${server.version} runs for ${timeText(server.seconds)}`,
      `${bytesText(server.memory.rss)} of memory`,
      ...free,
    ]
      .join(", "),
    ...server.addresses.map(({ url }) => `${GAP}${url}`),
    "",
    ...items.length === 0 ? ["No streams."] : aligned([HEADINGS, ...items.map(row)], columns),
    "",
    `${countText(total, "stream")}, ${countText(viewers, "player")}, ${countText(server.sessions, "session")}`,
    ...items.flatMap(({ id, warnings }) => warnings.map(({ text }) => `! ${id}: ${text}`)),
  ];
}

function row(stream: StreamFacts): string[] {
  return [
    stream.id,
    stream.state,
    timeText(stream.seconds),
    String(Math.round(stream.bitrate["10s"] / 1000)),
    String(stream.viewers.total),
    stream.publisher ? `${stream.publisher.protocol} ${stream.publisher.remote}` : "",
    stream.tracks.map(trackText).join("+"),
    stream.sinks.map(({ sink }) => sink).join(", "),
  ];
}

function trackText({ codec, width, height }: StreamFacts["tracks"][number]): string {
  return width && height ? `${codec} ${width}x${height}` : codec;
}

/** Columns as wide as what is in them; lines are cut where the terminal ends. */
function aligned(rows: readonly (readonly string[])[], columns: number): string[] {
  const widths = rows[0].map((_, at) => Math.max(...rows.map((cells) => cells[at].length)));
  return rows.map((cells) => cells.map((cell, at) => cell.padEnd(widths[at])).join(GAP).trimEnd().slice(0, columns));
}

function countText(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** `12 s`, `3 min`, `5 h 20 min`, `4 d 2 h`. */
export function timeText(seconds: number): string {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** `640 MB`, `1.4 GB`. */
export function bytesText(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.round(bytes / 1e6)} MB`;
}
