import { join } from "@std/path";
import { RECORDING_HEAD_BYTES } from "../../media/flv/recording_head.ts";
import { readDigested } from "./digests.ts";
import type { KeptPart, Upload } from "./upload.ts";
import { nextStep, type PartRange, type PlanStep } from "./part_plan.ts";
import { confirmWhole, isWhole } from "./store.ts";
import { NO_SUCH_UPLOAD, StoreError } from "./store_error.ts";
import { inTurn, type Progress, type UploadHost, type Work } from "./work.ts";

interface KnownPart extends KeptPart {
  isChecked: boolean;
}

/** A file as it was when a step began. */
interface SeenFile {
  readonly bytes: number;
  readonly modified: Date;
}

/** Sends one file, whole or, while it grows, part after part. */
export class FileUpload implements Work {
  readonly #host: UploadHost;
  readonly #id: number;
  #parts?: Map<number, KnownPart>;
  /** Counts how often the file may have changed. */
  #version = 0;
  /** Whether an upload may have been begun of which nobody has heard. */
  #isUncertain: boolean;

  /** `isResumed` says that an earlier run of the server may have begun it. */
  constructor(host: UploadHost, id: number, isResumed: boolean) {
    this.#host = host;
    this.#id = id;
    this.#isUncertain = isResumed;
  }

  changed(): void {
    this.#version++;
    for (const part of this.#parts?.values() ?? []) part.isChecked = false;
  }

  async step(signal: AbortSignal): Promise<Progress> {
    const { files, dataDir, ledger } = this.#host;
    const upload = ledger.get(this.#id);
    if (!upload) return "gone";
    const facts = await files.facts(join(dataDir, upload.path));
    if (facts?.kind !== "file") return await this.#abandon(upload, signal);
    const file = { bytes: facts.size, modified: facts.modified };
    if (file.bytes !== upload.bytes) ledger.grown(upload.id, file.bytes);
    const step = nextStep(
      { partBytes: this.#partBytes(upload), isBegun: upload.upload !== undefined, parts: this.#known() },
      { bytes: file.bytes, isComplete: upload.state !== "open", headBytes: headBytes(upload.path) },
    );
    try {
      return await this.#do(step, upload, file, signal);
    } catch (error) {
      if (!isUnknown(error)) throw error;
      this.#forget(this.#partBytes(upload));
      return "more";
    }
  }

  #do(step: PlanStep, upload: Upload, file: SeenFile, signal: AbortSignal): Promise<Progress> {
    switch (step.type) {
      case "wait":
        return Promise.resolve("wait");
      case "put":
        return inTurn(this.#host, signal, () => this.#put(upload, file, signal));
      case "begin":
        return inTurn(this.#host, signal, () => this.#begin(upload, signal));
      case "anew":
        return this.#beginAnew(upload, step.partBytes, signal);
      case "send":
        return inTurn(this.#host, signal, () => this.#send(upload, step.part, signal));
      case "check":
        return inTurn(this.#host, signal, () => this.#check(upload, step.part));
      case "complete":
        return inTurn(this.#host, signal, () => this.#complete(upload, file, signal));
    }
  }

  async #put({ path, key }: Upload, file: SeenFile, signal: AbortSignal): Promise<Progress> {
    using body = await readDigested(this.#host, path, { position: 0, length: file.bytes });
    await this.#host.store.put(key, body, signal);
    return this.#done(file);
  }

  async #begin(upload: Upload, signal: AbortSignal): Promise<Progress> {
    const { store, ledger } = this.#host;
    if (this.#isUncertain) await this.#abortBegun(upload, signal);
    this.#isUncertain = true;
    const name = await store.begin(upload.key, signal);
    this.#isUncertain = false;
    ledger.begin(this.#id, name, this.#partBytes(upload));
    this.#parts = undefined;
    return "more";
  }

  /** Where a store does not tell, or not to us, its own rules have to remove what was begun. */
  async #abortBegun({ key }: Upload, signal: AbortSignal): Promise<void> {
    try {
      for (const name of await this.#host.store.begun(key, signal)) await abort(this.#host, key, name, signal);
    } catch (error) {
      if (!(error instanceof StoreError) || error.fault === "unreachable") throw error;
    }
  }

  async #beginAnew({ key, upload }: Upload, partBytes: number, signal: AbortSignal): Promise<Progress> {
    if (upload !== undefined) await abort(this.#host, key, upload, signal);
    this.#forget(partBytes);
    return "more";
  }

  async #send({ path, key, upload, state }: Upload, range: PartRange, signal: AbortSignal): Promise<Progress> {
    const { store, ledger } = this.#host;
    const { number, length } = range;
    const version = this.#version;
    using body = await readDigested(this.#host, path, range);
    const etag = await store.putPart(key, upload!, number, body, signal);
    const part = { number, length, sha256: body.sha256, md5: body.md5, etag };
    ledger.putPart(this.#id, part);
    this.#known().set(number, { ...part, isChecked: state !== "open" && version === this.#version });
    return "more";
  }

  async #check({ path }: Upload, range: PartRange): Promise<Progress> {
    const version = this.#version;
    using read = await readDigested(this.#host, path, range);
    const part = this.#known().get(range.number)!;
    if (part.sha256 !== read.sha256) this.#drop(range.number);
    else part.isChecked = version === this.#version;
    return "more";
  }

  async #complete({ key, upload }: Upload, file: SeenFile, signal: AbortSignal): Promise<Progress> {
    const parts = [...this.#known().values()].sort((a, b) => a.number - b.number);
    const md5s = parts.map(({ md5 }) => md5);
    const { store } = this.#host;
    try {
      await store.complete(key, upload!, parts, signal);
    } catch (error) {
      if (!isUnknown(error)) throw error;
      if (await this.#wasCompleted(key, file, md5s, signal)) return this.#done(file);
      throw error;
    }
    confirmWhole(await store.look(key, signal), file.bytes, md5s);
    return this.#done(file);
  }

  /** Whether an upload of which the store knows nothing was completed before, and nobody has heard of it. */
  async #wasCompleted(
    key: string,
    { bytes }: SeenFile,
    md5s: readonly string[],
    signal: AbortSignal,
  ): Promise<boolean> {
    try {
      return isWhole(await this.#host.store.look(key, signal), bytes, md5s);
    } catch (error) {
      // Who may not list a bucket is refused where there is nothing.
      if (error instanceof StoreError && error.fault === "refused") return false;
      throw error;
    }
  }

  #done({ bytes, modified }: SeenFile): Progress {
    const { ledger, clock } = this.#host;
    ledger.done(this.#id, { bytes, modified: modified.getTime(), now: clock.date().getTime() });
    this.#parts = undefined;
    return "done";
  }

  /** There is no file any more. */
  async #abandon({ key, upload }: Upload, signal: AbortSignal): Promise<Progress> {
    if (upload !== undefined) await abort(this.#host, key, upload, signal);
    this.#host.ledger.forget(this.#id);
    return "gone";
  }

  #partBytes({ partBytes, upload }: Upload): number {
    return upload === undefined ? Math.max(partBytes, this.#host.partBytes) : partBytes;
  }

  #known(): Map<number, KnownPart> {
    return this.#parts ??= new Map(
      this.#host.ledger.parts(this.#id).map((part) => [part.number, { ...part, isChecked: false }]),
    );
  }

  #drop(number: number): void {
    this.#host.ledger.dropPart(this.#id, number);
    this.#known().delete(number);
  }

  #forget(partBytes: number): void {
    this.#host.ledger.begin(this.#id, undefined, partBytes);
    this.#parts = undefined;
  }
}

/** What the end of a recording writes to once more. */
function headBytes(path: string): number {
  return path.endsWith(".flv") ? RECORDING_HEAD_BYTES : 0;
}

/** Gives an upload up; a store that will not hear of it keeps the parts until its own rules remove them. */
async function abort({ store }: UploadHost, key: string, upload: string, signal: AbortSignal): Promise<void> {
  try {
    await store.abort(key, upload, signal);
  } catch (error) {
    if (!(error instanceof StoreError) || error.fault !== "refused") throw error;
  }
}

function isUnknown(error: unknown): boolean {
  return error instanceof StoreError && error.code === NO_SUCH_UPLOAD;
}
