import type { OpenFile } from "../../../kernel/files/files.ts";

/**
 * Makes the disk keep what is written to a file, without holding up the writing: a disk may take long, and what comes
 * meanwhile would have to wait in memory. It does one thing at a time.
 */
export class BackgroundSync {
  readonly #file: Pick<OpenFile, "sync">;
  #isDue = false;
  #running?: Promise<void>;
  #fault?: { readonly error: unknown };

  constructor(file: Pick<OpenFile, "sync">) {
    this.#file = file;
  }

  /** What has been written is to be kept, soon. Throws what could not be kept before. */
  request(): void {
    this.#check();
    this.#isDue = true;
    this.#running ??= this.#run();
  }

  /** Settles when all is kept that was asked for; rejects with what could not be kept. */
  async settle(): Promise<void> {
    await this.#running;
    this.#check();
  }

  async #run(): Promise<void> {
    try {
      while (this.#isDue) {
        this.#isDue = false;
        await this.#file.sync();
      }
    } catch (error) {
      this.#fault = { error };
    } finally {
      this.#running = undefined;
    }
  }

  #check(): void {
    if (this.#fault) throw this.#fault.error;
  }
}
