import type { HeldStream, NodeReport } from "./report.ts";

/** A report for tests: an idle node that takes everything, and what is said otherwise. */
export function report(id: string, more: Partial<NodeReport> = {}): NodeReport {
  const address = `http://${id}:8501`;
  const load = { connections: 0, mostConnections: 1000, mbps: 0, mostMbps: 1000, cpu: 0 };
  return { id, beat: 1, address, public: [address], role: "all", isDraining: false, load, streams: [], ...more };
}

/** Of `live/cam` what a story says: `origin`, `copy via b`, `interrupted copy via b,a`. */
export function held(story: string, stream = "live/cam"): HeldStream {
  const [, interrupted, kind, via = ""] = /^(interrupted )?(origin|copy)(?: via (.+))?$/.exec(story)!;
  return {
    stream,
    kind: kind as HeldStream["kind"],
    state: interrupted ? "interrupted" : "live",
    via: via === "" ? [] : via.split(","),
  };
}
