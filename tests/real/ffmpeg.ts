/** What a run of ffmpeg came to. */
export interface FfmpegResult {
  readonly success: boolean;
  /** What it printed. */
  readonly log: string;
}

/** Runs ffmpeg to its end; aborting kills it. */
export async function ffmpeg(args: readonly string[], signal?: AbortSignal): Promise<FfmpegResult> {
  const command = new Deno.Command("ffmpeg", {
    args: ["-hide_banner", "-nostdin", "-loglevel", "warning", ...args],
    stdout: "null",
    stderr: "piped",
    signal,
  });
  const { success, stderr } = await command.output();
  return { success, log: new TextDecoder().decode(stderr) };
}

/** What to encode. */
export interface ClipOptions {
  readonly seconds: number;
  readonly video?: readonly string[];
  readonly audio?: readonly string[];
}

/** H.264 with B-frames and a key frame a second. */
export const H264 = ["-c:v", "libx264", "-preset", "veryfast", "-g", "25", "-bf", "2", "-pix_fmt", "yuv420p"];

/** AAC of a bitrate that is plenty for a tone. */
export const AAC = ["-c:a", "aac", "-b:a", "96k"];

/** Encodes a test picture and a tone into an FLV file; a kind that is absent is left out. */
export async function makeClip(path: string, { seconds, video, audio }: ClipOptions): Promise<void> {
  const inputs = [
    ...(video ? ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25"] : []),
    ...(audio ? ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100"] : []),
  ];
  const result = await ffmpeg([...inputs, "-t", String(seconds), ...video ?? [], ...audio ?? [], "-f", "flv", path]);
  if (!result.success) throw new Error(`ffmpeg could not make the clip: ${result.log}`);
}

/** One packet as ffmpeg sees it. */
export interface SeenPacket {
  readonly stream: string;
  readonly dts: number;
  readonly pts: number;
  readonly size: number;
  readonly md5: string;
}

/** The packets of a file or an address, unchanged, in the order in which ffmpeg reads them. */
export async function packetsOf(input: readonly string[], signal?: AbortSignal): Promise<SeenPacket[]> {
  const path = await Deno.makeTempFile({ suffix: ".framemd5" });
  try {
    const result = await ffmpeg([...input, "-c", "copy", "-copyts", "-f", "framemd5", "-y", path], signal);
    if (!result.success) throw new Error(`ffmpeg could not read ${input.join(" ")}: ${result.log}`);
    return (await Deno.readTextFile(path)).split("\n").filter((line) => /^\d/.test(line)).map(seenPacket);
  } finally {
    await Deno.remove(path);
  }
}

function seenPacket(line: string): SeenPacket {
  const [stream, dts, pts, , size, md5] = line.split(",").map((field) => field.trim());
  return { stream, dts: Number(dts), pts: Number(pts), size: Number(size), md5 };
}

/** The bytes of all packets of one stream of a file, as ffmpeg takes them out. */
export async function copiedBytes(path: string, stream: number): Promise<Uint8Array> {
  const out = await Deno.makeTempFile();
  try {
    const result = await ffmpeg(["-i", path, "-map", `0:${stream}`, "-c", "copy", "-f", "data", "-y", out]);
    if (!result.success) throw new Error(`ffmpeg could not copy stream ${stream} of ${path}: ${result.log}`);
    return await Deno.readFile(out);
  } finally {
    await Deno.remove(out);
  }
}
