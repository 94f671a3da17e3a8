/** The port that RTMP addresses need not name. */
const RTMP_PORT = 1935;

/** What one does with a stream, and where: labels and addresses for people to copy. */
export interface Address {
  readonly label: string;
  readonly text: string;
}

/** What the page knows of the server it came from. */
export interface ServerAddress {
  /** The page's own address. */
  readonly page: Pick<URL, "protocol" | "host" | "hostname">;
  /** Where encoders publish; null when the server takes no RTMP. */
  readonly rtmpPort: number | null;
}

/** How a stream gets to the page's player. */
export type Transport = "http-flv" | "ws-flv";

/** Where the page's player finds a stream; `query` is sent along, for keys and tokens. */
export function playAddress(path: string, transport: Transport, { page }: ServerAddress, query = ""): string {
  const isSecure = page.protocol === "https:";
  const scheme = transport === "ws-flv" ? (isSecure ? "wss:" : "ws:") : page.protocol;
  return `${scheme}//${page.host}/${path}.flv${query}`;
}

/** Where players find a stream as HLS. */
export function hlsAddress(path: string, { page }: ServerAddress, query = ""): string {
  return `${page.protocol}//${page.host}/hls/${path}/index.m3u8${query}`;
}

/** All addresses under which a stream can be played. */
export function playAddresses(path: string, server: ServerAddress): Address[] {
  const rtmp = rtmpBase(server);
  return [
    ...(rtmp ? [{ label: "RTMP", text: `${rtmp}/${path}` }] : []),
    { label: "HTTP-FLV", text: playAddress(path, "http-flv", server) },
    { label: "WS-FLV", text: playAddress(path, "ws-flv", server) },
    { label: "HLS", text: hlsAddress(path, server) },
  ];
}

/** How to publish as `path`: the fields of OBS and a line for ffmpeg. */
export function publishHints(path: string, server: ServerAddress): Address[] {
  const [app, name] = path.split("/");
  const rtmp = rtmpBase(server);
  const output = rtmp ? `-f flv ${rtmp}/${path}` : `-f flv -method POST ${playAddress(path, "http-flv", server)}`;
  return [
    ...(rtmp ? [{ label: "OBS: Server", text: `${rtmp}/${app}` }, { label: "OBS: Stream key", text: name }] : []),
    { label: "ffmpeg", text: `ffmpeg -re -i video.mp4 -c:v libx264 -g 50 -bf 0 -c:a aac ${output}` },
  ];
}

function rtmpBase({ page, rtmpPort }: ServerAddress): string | undefined {
  if (rtmpPort === null) return undefined;
  return `rtmp://${page.hostname}${rtmpPort === RTMP_PORT ? "" : `:${rtmpPort}`}`;
}
