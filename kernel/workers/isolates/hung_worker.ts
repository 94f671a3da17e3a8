import * as inspector from "node:inspector";

/** How long a worker may take to say its name and to end, in milliseconds. */
const END_MS = 5000;

/** One that is not among those of which the debugger has told for so long has ended by itself. */
const FIND_MS = 1000;

/** There is one debugger in a process. */
let newest: Promise<unknown> = Promise.resolve();

/**
 * Ends the worker of this name, which has been terminated, but whose code does not return: `Worker.terminate()` waits for that
 * for ever, and meanwhile what the worker listens on stays open. A debugger can stop code that runs; the one of this process
 * listens on the loopback for that moment.
 *
 * Settles with whether the worker has ended. Rejects with a `Deno.errors.NotCapable` unless all of `--allow-sys` is granted.
 */
export function endHungWorker(name: string): Promise<boolean> {
  const ended = newest.then(() => withDebugger((url) => new Stop(url, name).ended));
  newest = ended.catch(() => {});
  return ended;
}

async function withDebugger<T>(use: (url: string) => Promise<T>): Promise<T> {
  const opened = inspector.url();
  if (opened) return await use(opened);
  inspector.open(0, "127.0.0.1");
  try {
    return await use(inspector.url()!);
  } finally {
    inspector.close();
  }
}

/** What the debugger tells of workers. */
interface Word {
  readonly method?: string;
  readonly params?: { readonly sessionId: string; readonly message?: string };
}

/** Has every worker say its name, and stops the one that is meant; it must have been terminated, or the process ends. */
class Stop {
  /** Settles, when the debugger is rid of it, with whether the worker has ended. */
  readonly ended: Promise<boolean>;
  readonly #name: string;
  readonly #socket: WebSocket;
  readonly #over = Promise.withResolvers<boolean>();
  /** Workers that have not said their names. */
  readonly #silent = new Set<string>();
  #found?: string;
  /** Whether it has been looked for long enough. */
  #isLate = false;
  #newest = 0;

  constructor(url: string, name: string) {
    this.#name = name;
    this.#socket = new WebSocket(url);
    this.#socket.onopen = () => this.#send("NodeWorker.enable", { waitForDebuggerOnStart: false });
    this.#socket.onmessage = ({ data }) => this.#receive(JSON.parse(data));
    this.#socket.onerror = () => this.#over.resolve(false);
    this.ended = this.#run();
  }

  async #run(): Promise<boolean> {
    const closed = Promise.withResolvers<void>();
    this.#socket.onclose = () => closed.resolve();
    const finding = setTimeout(() => {
      this.#isLate = true;
      this.#lookForGone();
    }, FIND_MS);
    const ending = setTimeout(() => this.#over.resolve(false), END_MS);
    const isEnded = await this.#over.promise;
    clearTimeout(finding);
    clearTimeout(ending);
    this.#socket.close();
    await closed.promise;
    return isEnded;
  }

  /** All that there are have said their names, or have ended before they could. */
  #lookForGone(): void {
    if (this.#isLate && !this.#found && this.#silent.size === 0) this.#over.resolve(true);
  }

  #receive({ method, params }: Word): void {
    if (!params) return;
    const { sessionId, message } = params;
    if (method === "NodeWorker.attachedToWorker") {
      this.#silent.add(sessionId);
      this.#tell(sessionId, "Runtime.evaluate", { expression: "name" });
    } else if (method === "NodeWorker.receivedMessageFromWorker" && message) {
      this.#silent.delete(sessionId);
      if (JSON.parse(message).result?.result?.value !== this.#name) return this.#lookForGone();
      this.#found = sessionId;
      this.#tell(sessionId, "Runtime.terminateExecution");
    } else if (method === "NodeWorker.detachedFromWorker") {
      this.#silent.delete(sessionId);
      if (sessionId === this.#found) this.#over.resolve(true);
      else this.#lookForGone();
    }
  }

  #tell(sessionId: string, method: string, params: object = {}): void {
    const message = JSON.stringify({ id: ++this.#newest, method, params });
    this.#send("NodeWorker.sendMessageToWorker", { sessionId, message });
  }

  #send(method: string, params: object): void {
    this.#socket.send(JSON.stringify({ id: ++this.#newest, method, params }));
  }
}
