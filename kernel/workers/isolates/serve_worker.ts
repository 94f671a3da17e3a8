import { systemClock } from "../../clock.ts";
import type { Plugin } from "../../plugin/plugin.ts";
import type { ToMain, ToWorker } from "../messages.ts";
import { type Crossing, Outbox, takeEach } from "../outbox.ts";
import { WorkerServer } from "../worker_server.ts";

/** What a worker's global scope has of use here. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<Crossing<ToWorker>>) => void) | null;
  postMessage(message: Crossing<ToMain>, transfer?: Transferable[]): void;
}

/** Serves as a worker of the server that has started this isolate; `plugins` are those that can run in workers. */
export function serveWorker(plugins: readonly Plugin[]): void {
  const scope = globalThis as unknown as WorkerScope;
  const { post } = new Outbox<ToMain>((crossing, transfer) => scope.postMessage(crossing, transfer), systemClock);
  let server: WorkerServer | undefined;
  const receive = (message: ToWorker) => {
    if (message.type !== "start") return server?.receive(message);
    server = new WorkerServer(message, post);
    server.begin(plugins).then(
      () => post({ type: "ready" }),
      (error) => post({ type: "failed", message: error instanceof Error ? error.message : String(error) }),
    );
  };
  scope.onmessage = ({ data }) => takeEach(data, receive);
}
