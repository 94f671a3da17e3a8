import type { Finding } from "../../kernel/streams/findings.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import type { Stream } from "../../kernel/streams/stream.ts";
import type { Subscription } from "../../kernel/fanout/subscription.ts";
import type { MediaPacket } from "../../media/packet.ts";
import { diagnose, type Diagnosis, type DoctorLimits } from "./rules.ts";
import { UploadWatch } from "./upload_watch.ts";

/** What comes and goes is not said anew each time: a finding has to be gone so long, in milliseconds. */
const QUIET_MS = 60_000;

interface Known {
  finding: Finding;
  /** When it was last found. */
  at: number;
}

/** One stream under observation. */
export class Patient implements Disposable {
  readonly #stream: Stream;
  readonly #ctx: Pick<PluginContext, "clock" | "log">;
  readonly #upload = new UploadWatch();
  readonly #packets: Subscription<MediaPacket>;
  readonly #known = new Map<string, Known>();
  #firstVideo?: number;
  #firstAudio?: number;
  #mended = 0;
  #skips = 0;

  constructor(stream: Stream, ctx: Pick<PluginContext, "clock" | "log">) {
    this.#stream = stream;
    this.#ctx = ctx;
    this.#packets = stream.packets({ from: "live", patient: true });
    this.#packets.onReady = () => this.#observe();
    this.#observe();
  }

  /** What is found now. */
  get findings(): readonly Finding[] {
    const now = this.#ctx.clock.now();
    return Array.from(this.#known.values()).filter(({ at }) => now - at < QUIET_MS).map(({ finding }) => finding);
  }

  /** A track has turned up. */
  meet({ kind }: MediaPacket): void {
    const now = this.#ctx.clock.now();
    if (kind === "video") this.#firstVideo ??= now;
    if (kind === "audio") this.#firstAudio ??= now;
  }

  /** Looks at the stream, and says what is new. */
  examine(limits: DoctorLimits): void {
    if (this.#stream.state !== "live") return;
    const stream = this.#stream.toJSON();
    const { clock } = this.#ctx;
    const mended = Object.values(stream.repairs).reduce((sum, count) => sum + count, 0);
    const diagnoses = diagnose({
      stream,
      seconds: (clock.date().getTime() - this.#stream.since.getTime()) / 1000,
      upload: this.#upload.report(),
      audioDelay: this.#audioDelay,
      mended: mended - this.#mended,
      skips: stream.skips - this.#skips,
    }, limits);
    this.#mended = mended;
    this.#skips = stream.skips;
    for (const diagnosis of diagnoses) this.#note(diagnosis);
  }

  [Symbol.dispose](): void {
    this.#packets[Symbol.dispose]();
  }

  get #audioDelay(): number | undefined {
    if (this.#firstAudio === undefined || this.#firstVideo === undefined) return undefined;
    return (this.#firstAudio - this.#firstVideo) / 1000;
  }

  #note({ code, severity, text }: Diagnosis): void {
    const now = this.#ctx.clock.now();
    const known = this.#known.get(code);
    const isNews = !known || now - known.at >= QUIET_MS;
    const since = isNews ? this.#ctx.clock.date() : known.finding.since;
    this.#known.set(code, { finding: { code, severity, text, since }, at: now });
    if (isNews) {
      this.#ctx.log[severity === "warning" ? "warn" : "info"](`${this.#stream.id}: ${text}`, {
        stream: this.#stream.id,
        code,
      });
    }
  }

  #observe(): void {
    const now = this.#ctx.clock.now();
    for (let packet = this.#packets.next(); packet; packet = this.#packets.next()) {
      if (packet.track === 0 && packet.role !== "config" && packet.role !== "metadata") {
        this.#upload.observe(packet, now);
      }
    }
  }
}
