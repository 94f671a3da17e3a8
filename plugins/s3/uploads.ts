import { join } from "@std/path";
import type { Finding } from "../../kernel/streams/findings.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import { FileUpload } from "./file_upload.ts";
import { HlsSource } from "./hls_source.ts";
import { Job, type JobFailure, type JobHost } from "./job.ts";
import type { Ledger } from "./ledger.ts";
import type { Upload, UploadWish } from "./upload.ts";
import { ListedUpload } from "./listed_upload.ts";
import { SegmentSpool } from "./segment_spool.ts";
import { shownBytes } from "./shown_bytes.ts";
import type { UploadHost, Work } from "./work.ts";

/** So many parts of what grows may be here alone: the first one, the one that is sent, the one that grows, and some to spare. */
const PARTS_BEHIND = 8;

/** Everything that is on its way to the store. */
export class Uploads {
  readonly #ctx: PluginContext;
  readonly #host: UploadHost;
  readonly #urlOf: (key: string) => string;
  readonly #jobs = new Map<number, Job>();
  /** The files that grow, of which nobody tells how far. */
  readonly #growing = new Set<number>();
  /** Looks at what was just sent. */
  readonly #looks = new Set<Promise<void>>();
  readonly #jobHost: JobHost;
  readonly #hls: HlsSource;
  /** Where live segments wait. */
  readonly spool: SegmentSpool;

  /** `urlOf` gives the address of an object, for those who may read it. */
  constructor(ctx: PluginContext, host: UploadHost, urlOf: (key: string) => string) {
    this.#ctx = ctx;
    this.#host = host;
    this.#urlOf = urlOf;
    this.#hls = new HlsSource(host);
    this.spool = new SegmentSpool(host);
    this.#jobHost = {
      clock: ctx.clock,
      signal: ctx.signal,
      failed: (job, error) => this.#failed(job, error),
      ended: (job, how) => this.#ended(job, how),
    };
    ctx.examiner(({ id }) => this.#findings(id));
  }

  get ledger(): Ledger {
    return this.#host.ledger;
  }

  /** Goes on with what an earlier run of the server has left. */
  resume(): void {
    for (const upload of this.ledger.left()) this.#carryOn(upload, true);
  }

  /** A recording has begun: what can be sent of it while it grows is. */
  open(wish: UploadWish): Upload {
    const upload = this.ledger.add(wish, "open", this.#now);
    if (upload.state !== "done") this.#carryOn(upload);
    return upload;
  }

  /** A recording is complete, maybe again: after a crash it may be completed by more than one. */
  async complete(wish: UploadWish): Promise<void> {
    const upload = this.ledger.add(wish, "due", this.#now);
    if (upload.state === "done" && !await this.#hasChanged(upload)) return;
    this.ledger.due(upload.id);
    this.#growing.delete(upload.id);
    this.#carryOn({ ...upload, state: "due" });
  }

  /** There may be more of a recording than there was. */
  touch(path: string): void {
    const upload = this.ledger.of(path);
    if (upload) this.#jobs.get(upload.id)?.wake();
  }

  /** Looks at all files that grow. */
  look(): void {
    for (const id of this.#growing) this.#jobs.get(id)?.wake();
  }

  /** Somebody has removed a recording, who was not the plugin that made it: nothing is to be known of it here any more. */
  forget({ id, state }: Upload): void {
    if (state === "done") this.ledger.forget(id);
    // What is on its way finds out by itself, and cleans up in the store.
    else this.#jobs.get(id)?.retry();
  }

  /** Tries at once what waits after a failure: one upload, or all; says how many. */
  retry(id?: number): number {
    const jobs = [...this.#jobs.values()].filter((job) => job.failure && (id === undefined || job.id === id));
    for (const job of jobs) job.retry();
    return jobs.length;
  }

  /** How many wait after a failure. */
  get failing(): number {
    return [...this.#jobs.values()].filter(({ failure }) => failure).length;
  }

  /** Why an upload waits; undefined when it does not. */
  failureOf(id: number): JobFailure | undefined {
    return this.#jobs.get(id)?.failure;
  }

  /** Settles when nothing is at work any more. */
  async stopped(): Promise<void> {
    await Promise.all([...this.#jobs.values()].map((job) => job.stopped()));
    await Promise.all(this.#looks);
  }

  get #now(): number {
    return this.#ctx.clock.date().getTime();
  }

  #carryOn(upload: Upload, isResumed = false): void {
    if (upload.state === "open" && upload.kind === "file") this.#growing.add(upload.id);
    let job = this.#jobs.get(upload.id);
    if (!job) this.#jobs.set(upload.id, job = new Job(upload, this.#workOf(upload, isResumed), this.#jobHost));
    job.wake();
  }

  #workOf({ id, kind }: Upload, isResumed: boolean): Work {
    if (kind === "file") return new FileUpload(this.#host, id, isResumed);
    return new ListedUpload(this.#host, id, kind === "hls" ? this.#hls : this.spool, ({ path, stream }, lost) => {
      this.#ctx.log.warn(`${path} goes without ${lost}, which is not there any more`, { stream, path });
    });
  }

  #ended(job: Job, how: "done" | "gone"): void {
    this.#jobs.delete(job.id);
    this.#growing.delete(job.id);
    const { log } = this.#ctx;
    const { path, stream } = job;
    if (how === "gone") return log.info(`${path} has gone before the store had it`, { stream, path });
    const upload = this.ledger.get(job.id);
    if (!upload) return;
    const { bytes, key } = upload;
    log.info(`${path} is in the store: ${shownBytes(bytes)}`, { stream, path, bytes });
    this.#ctx.tell("artifact:store", { stream, by: "s3", path, bytes, key, url: this.#urlOf(key) });
    if (this.#ctx.signal.aborted) return;
    // It may have been completed once more while the store confirmed it.
    const look = this.complete(upload)
      .catch((error) => log.error(`Cannot look at ${path}: ${error}`, { error }))
      .finally(() => this.#looks.delete(look));
    this.#looks.add(look);
  }

  /** Told when it begins, and when the reason is another one: a store that is down for a day is no news every minute. */
  #failed(job: Job, error: unknown): void {
    const { log, clock } = this.#ctx;
    const { path, stream, failure } = job;
    if (!failure) return;
    const { problem, retryAt, attempts } = failure;
    const retrySeconds = Math.max(0, Math.ceil((retryAt.getTime() - clock.date().getTime()) / 1000));
    const text = `Cannot send ${path} to the store: ${problem}; it is kept, trying again in ${retrySeconds} s`;
    if (attempts > 1) return log.debug(text, { stream, path, attempts });
    log.warn(text, { stream, path, error });
    this.#ctx.tell("artifact:fail", { stream, by: "s3", problem: `cannot send ${path}: ${problem}`, retrySeconds });
  }

  #findings(stream: string): Finding[] {
    const jobs = [...this.#jobs.values()].filter((job) => job.stream === stream);
    const failing = jobs.filter((job) => job.failure);
    const [first] = failing;
    if (!first?.failure) return jobs.flatMap(({ id }) => this.#behind(id));
    const { problem, since } = first.failure;
    const others = failing.length > 1 ? ` and ${failing.length - 1} more` : "";
    const text = `Recordings do not get to the store: ${problem}. ${first.path}${others} wait here until they do.`;
    return [{ code: "upload-failing", severity: "warning", text, since }];
  }

  /** The store takes everything, and too slowly for a recording that grows. */
  #behind(id: number): Finding[] {
    const upload = this.#growing.has(id) ? this.ledger.get(id) : undefined;
    if (!upload) return [];
    const { bytes, path, since } = upload;
    const left = bytes - this.ledger.sentBytes(id);
    if (left <= PARTS_BEHIND * this.#host.partBytes) return [];
    const text = `The store takes recordings more slowly than they grow: ${shownBytes(left)} of ${path} wait here.`;
    return [{ code: "upload-behind", severity: "warning", text, since: new Date(since) }];
  }

  /** Live segments are sent from where nobody changes them. */
  async #hasChanged({ path, modified, bytes, kind }: Upload): Promise<boolean> {
    if (kind === "segments") return false;
    const { files, dataDir } = this.#host;
    const facts = await files.facts(join(dataDir, path));
    if (!facts) return false;
    return facts.modified.getTime() !== modified || (kind === "file" && facts.size !== bytes);
  }
}
