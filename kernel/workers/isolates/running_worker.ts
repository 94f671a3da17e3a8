import { type Clock, systemClock } from "../../clock.ts";
import type { Logger } from "../../log/log.ts";
import { Closed } from "../../reasons.ts";
import { endHungWorker } from "./hung_worker.ts";
import { type LinkHost, type LinkPeers, WorkerLink } from "../link.ts";
import type { Post, ToMain, ToWorker, WorkerStart } from "../messages.ts";
import { type Crossing, Outbox, takeEach } from "../outbox.ts";
import { SilenceWatch } from "./silence_watch.ts";

/** What it means that a worker cannot be ended. */
const STILL_HANGS =
  "A worker that hangs could not be ended, and connections that the system still gives it get no answer until " +
  "the server is started anew";

/** One that cannot be used yet has so many seconds to say something: before it can, it has to load what it runs. */
const MOST_START_SECONDS = 120;

/** One worker, from its start to its end. */
export class RunningWorker implements Disposable {
  readonly link: WorkerLink;
  /** Sends it a message; one that is gone hears nothing. */
  readonly post: Post<ToWorker>;
  readonly #worker: Worker;
  readonly #silence: SilenceWatch;
  readonly #ready = Promise.withResolvers<void>();
  readonly #name: string;
  readonly #log: Logger;
  #isReady = false;
  #isHung = false;
  #isOver = false;

  /** `onFailure` hears, once, why it is of no use any more; it is to be disposed then. `machine` is what its silence is measured by. */
  constructor(
    module: URL,
    start: WorkerStart,
    host: LinkHost & LinkPeers,
    onFailure: (why: string) => void,
    machine: Clock = systemClock,
  ) {
    // No two workers of a process have the same name, so that the right one can be ended.
    this.#name = `worker ${start.index + 1} ${crypto.randomUUID().slice(0, 8)}`;
    this.#log = host.log;
    this.#worker = new Worker(module, { type: "module", name: this.#name });
    this.#ready.promise.catch(() => {});
    this.post = new Outbox<ToWorker>((crossing, transfer) => this.#cross(crossing, transfer), machine).post;
    this.link = new WorkerLink(start.index, start.memory, this.post, host, host);
    this.#worker.onmessage = ({ data }: MessageEvent<Crossing<ToMain>>) => {
      takeEach(data, (message) => this.#receive(message, onFailure));
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#failed(event.message, onFailure);
    };
    // A worker's time is the machine's, whatever that of the server is.
    this.#silence = new SilenceWatch(machine, (seconds) => {
      this.#isHung = this.#isReady || seconds >= MOST_START_SECONDS;
      if (this.#isHung) this.#failed(`nothing was heard of it for ${seconds} s`, onFailure);
    });
    this.post({ type: "start", ...start });
  }

  /** Settles when it can be used; rejects when it cannot be set up. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  get isReady(): boolean {
    return this.#isReady && !this.#isOver;
  }

  [Symbol.dispose](): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#silence[Symbol.dispose]();
    this.#worker.terminate();
    if (this.#isHung) void this.#endHung();
    this.#ready.reject(new Error("The worker was stopped"));
    this.link.close(new Closed("error", "the part of the server that served this connection failed: connect again"));
  }

  async #endHung(): Promise<void> {
    try {
      if (await endHungWorker(this.#name)) return this.#log.info(`The worker that hung has ended: ${this.#name}`);
      this.#log.error(`${STILL_HANGS}: it does not let itself be stopped`);
    } catch (error) {
      this.#log.error(`${STILL_HANGS}: ${error instanceof Error ? error.message : String(error)}`, { error });
    }
  }

  #cross(crossing: Crossing<ToWorker>, transfer: Transferable[]): void {
    if (!this.#isOver) this.#worker.postMessage(crossing, transfer);
  }

  #receive(message: ToMain, onFailure: (why: string) => void): void {
    if (this.#isOver) return;
    this.#silence.heard();
    if (message.type === "ready") {
      this.#isReady = true;
      this.#ready.resolve();
    } else if (message.type === "failed") this.#failed(message.message, onFailure);
    else this.link.receive(message);
  }

  #failed(why: string, onFailure: (why: string) => void): void {
    this.#ready.reject(new Error(why));
    onFailure(why);
  }
}
