import { join } from "@std/path";
import { createServer, type Server } from "../../kernel/server.ts";
import { definePlugin } from "../../kernel/plugin/plugin.ts";
import { fmp4 } from "../../plugins/fmp4/plugin.ts";
import type { LiveIndex, LiveSource } from "../../media/mp4/live_index.ts";
import { rtmp } from "../../protocols/rtmp/plugin.ts";
import { patiently } from "../support/patience.ts";
import { ffmpeg } from "./ffmpeg.ts";

/** A server that records into a folder of its own. */
export class Fmp4Scene implements AsyncDisposable {
  readonly #complete = Promise.withResolvers<string>();
  #server?: Server;

  private constructor(readonly folder: string) {}

  /** Sets the scene for `live/cam`. */
  static async open(settings: Parameters<typeof fmp4>[0] = {}): Promise<Fmp4Scene> {
    const scene = new Fmp4Scene(await Deno.makeTempDir());
    const local = { host: "127.0.0.1", port: 0 };
    const watcher = definePlugin({
      name: "watcher",
      setup: (ctx) => ctx.on("artifact:complete", ({ path }) => scene.#complete.resolve(path)),
    });
    scene.#server = await createServer({
      plugins: [rtmp(), fmp4({ sync: false, ...settings }), watcher()],
      config: { http: local, rtmp: local, graceSeconds: 0, dataDir: scene.folder },
      log: () => {},
    });
    return scene;
  }

  /** Where to publish. */
  get rtmp(): string {
    return `rtmp://127.0.0.1:${this.#server?.address("rtmp").port}/live/cam`;
  }

  /** Waits for the complete file, and gives its path. */
  async complete(): Promise<string> {
    return this.at(await patiently(this.#complete.promise, () => "there is no complete file"));
  }

  /** Where something lies. */
  at(path: string): string {
    return join(this.folder, path);
  }

  /** What the index of a variant lists. */
  async sources(variant: "merge" | "separate"): Promise<readonly LiveSource[]> {
    const index: LiveIndex = JSON.parse(await Deno.readTextFile(this.at(`mp4/live/cam/output_${variant}/index.json`)));
    return index.sources;
  }

  /** For each init segment of a source the path of a file that has it and its segments one behind the other. */
  async runs(variant: "merge" | "separate", source: LiveSource): Promise<string[]> {
    const paths: string[] = [];
    for (const [i, { uri }] of source.inits.entries()) {
      const path = this.at(`${variant}_${source.name}_${i}.mp4`);
      const segments = source.segments.filter(({ init }) => init === i).map(({ uri }) => uri);
      await using file = await Deno.open(path, { write: true, create: true });
      for (const name of [uri, ...segments]) {
        await file.write(await Deno.readFile(this.at(`mp4/live/cam/output_${variant}/${name}`)));
      }
      paths.push(path);
    }
    return paths;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.close();
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** One frame as ffmpeg reads it. */
export interface SeenFrame {
  readonly stream: number;
  /** In seconds. */
  readonly pts: number;
  readonly md5: string;
}

/** The frames of a file in their order, and what ffmpeg complains of. */
export async function seenFrames(path: string): Promise<{ frames: SeenFrame[]; log: string }> {
  const out = await Deno.makeTempFile({ suffix: ".framemd5" });
  try {
    const args = ["-i", path, "-map", "0", "-c", "copy", "-copyts", "-f", "framemd5", "-y", out];
    const { success, log } = await ffmpeg(args);
    if (!success) throw new Error(`ffmpeg could not read ${path}: ${log}`);
    return { frames: parseFrames(await Deno.readTextFile(out)), log };
  } finally {
    await Deno.remove(out);
  }
}

function parseFrames(text: string): SeenFrame[] {
  const bases = [...text.matchAll(/^#tb (\d+): (\d+)\/(\d+)$/gm)].map(([, , of, to]) => Number(of) / Number(to));
  return text.split("\n").filter((line) => /^\d/.test(line)).map((line) => {
    const [stream, , pts, , , md5] = line.split(",").map((field) => field.trim());
    return { stream: Number(stream), pts: Number(pts) * bases[Number(stream)], md5 };
  });
}
