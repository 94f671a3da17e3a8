import type { Plugin } from "../plugin/plugin.ts";
import type { ToMain, ToWorker } from "./messages.ts";
import { WorkerServer } from "./worker_server.ts";

/** What a worker's global scope has of use here. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: ToMain, transfer?: Transferable[]): void;
}

/** Serves as a worker of the server that has started this isolate; `plugins` are those that can run in workers. */
export function serveWorker(plugins: readonly Plugin[]): void {
  const scope = globalThis as unknown as WorkerScope;
  const post = (message: ToMain, transfer: Transferable[] = []) => scope.postMessage(message, transfer);
  let server: WorkerServer | undefined;
  scope.onmessage = ({ data }) => {
    if (data.type !== "start") return server?.receive(data);
    server = new WorkerServer(data, post);
    server.begin(plugins).then(
      () => post({ type: "ready" }),
      (error) => post({ type: "failed", message: error instanceof Error ? error.message : String(error) }),
    );
  };
}
