/** Whether this isolate is a worker. */
export function isWorker(): boolean {
  return "WorkerGlobalScope" in globalThis;
}
