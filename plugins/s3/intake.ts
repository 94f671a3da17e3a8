import { DEFAULT_VHOST, type StreamKey } from "../../kernel/names.ts";
import type { Artifact } from "../../kernel/plugin/hooks.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import { type StreamMatcher, streamMatcher } from "../../kernel/streams/stream_pattern.ts";
import { expandPrefix } from "./key_prefix.ts";
import type { UploadWish } from "./upload.ts";
import { folderOf, slashed } from "./paths.ts";
import type { SegmentIntake } from "./segment_intake.ts";
import type { S3Settings } from "./settings.ts";
import type { Uploads } from "./uploads.ts";

/** What a file is, by the end of its name. */
const KINDS: Readonly<Record<string, S3Settings["what"][number]>> = {
  flv: "flv",
  mp4: "mp4",
  m3u8: "hls",
  m4s: "segments",
};

/** Who removes recordings for the operator, in what is told of that. */
const OPERATOR = "api";

/** Decides which recordings go to the store, from what the recorders tell. */
export class Intake {
  readonly #ctx: PluginContext;
  readonly #settings: S3Settings;
  #matcher?: { readonly streams: readonly string[]; readonly isWanted: StreamMatcher };
  readonly #uploads: Uploads;
  readonly #segments: SegmentIntake;

  constructor(ctx: PluginContext, settings: S3Settings, uploads: Uploads, segments: SegmentIntake) {
    this.#ctx = ctx;
    this.#settings = settings;
    this.#uploads = uploads;
    this.#segments = segments;
  }

  /** Listens to the recorders; `missed` is called when something complete could not be noted. */
  listen(missed: () => void): void {
    const { on } = this.#ctx;
    on("artifact:open", (artifact) => this.#opened(artifact));
    on("artifact:segment", (artifact) => this.#grown(artifact));
    on("artifact:complete", (artifact) =>
      this.complete(artifact).catch((error) => {
        missed();
        throw error;
      }));
    on("artifact:remove", (artifact) => this.#removed(artifact));
  }

  /** A recording is complete. */
  async complete(artifact: Artifact): Promise<void> {
    this.#segments.ended(artifact.stream);
    const wish = this.#wish(artifact);
    if (wish && wish.kind !== "segments") await this.#uploads.complete(wish);
  }

  #grown(artifact: Artifact): void {
    const path = slashed(artifact.path);
    if (!path.endsWith(".m4s")) return this.#uploads.touch(path);
    const wish = this.#wish(artifact);
    if (!wish) return;
    const { stream, by, key } = wish;
    this.#segments.note({ stream, by, folder: folderOf(path), prefix: key.slice(0, key.length - path.length) });
  }

  /** A complete MP4 has its index in front, and so nothing of it can be sent before it is there. */
  #opened(artifact: Artifact): void {
    const wish = this.#wish(artifact);
    if (wish && wish.kind !== "segments" && !wish.path.endsWith(".mp4")) this.#uploads.open(wish);
  }

  /** The recorder itself removes what need not be kept here; whoever else does, such as the operator, wants it to be gone. */
  #removed({ path, by }: Artifact): void {
    const { ledger } = this.#uploads;
    const upload = ledger.of(slashed(path)) ?? ledger.of(`${slashed(path)}/index.m3u8`);
    if (!upload) return;
    // Of a recording of an earlier run it is not known who made it.
    const isOnlyHere = (upload.by === "" && by !== OPERATOR) || by === upload.by || by === "s3";
    if (upload.state === "done" && isOnlyHere) ledger.gone(upload.id);
    else this.#uploads.forget(upload);
  }

  /** The settings may change. */
  #isWanted(key: StreamKey): boolean {
    const { streams } = this.#settings;
    if (this.#matcher?.streams !== streams) this.#matcher = { streams, isWanted: streamMatcher(streams) };
    return this.#matcher.isWanted(key);
  }

  #wish({ path, stream, by }: Artifact): UploadWish | undefined {
    const at = slashed(path);
    const what = KINDS[at.slice(at.lastIndexOf(".") + 1)];
    const key = keyOf(stream);
    if (!what || !this.#settings.what.includes(what) || !this.#isWanted(key)) return undefined;
    const kind = what === "flv" || what === "mp4" ? "file" : what;
    const prefix = expandPrefix(this.#settings.prefix, key, this.#ctx.clock.date());
    return { kind, stream, by, path: at, key: prefix + at };
  }
}

/** The names in a stream's id. */
function keyOf(stream: string): StreamKey {
  const colon = stream.indexOf(":");
  const [app, name = ""] = stream.slice(colon + 1).split("/");
  return { vhost: colon < 0 ? DEFAULT_VHOST : stream.slice(0, colon), app, name };
}
