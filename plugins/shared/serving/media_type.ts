/** The media types of what is served, by the end of the name. Nothing else is served. */
const TYPES: Readonly<Record<string, string>> = {
  aac: "audio/aac",
  ac3: "audio/ac3",
  cmfa: "audio/mp4",
  cmfv: "video/mp4",
  ec3: "audio/eac3",
  flv: "video/x-flv",
  jpg: "image/jpeg",
  json: "application/json",
  key: "application/octet-stream",
  m3u8: "application/vnd.apple.mpegurl",
  m4a: "audio/mp4",
  m4s: "video/iso.segment",
  m4v: "video/mp4",
  mkv: "video/matroska",
  mp3: "audio/mpeg",
  mp4: "video/mp4",
  mpd: "application/dash+xml",
  png: "image/png",
  ts: "video/mp2t",
  vtt: "text/vtt; charset=utf-8",
  webm: "video/webm",
};

/** The media type of a file, by the end of its name; undefined for what is not served. */
export function mediaType(name: string): string | undefined {
  const end = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  return Object.hasOwn(TYPES, end) && end.length < name.length ? TYPES[end] : undefined;
}
