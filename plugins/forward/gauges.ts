import type { SharedGauge } from "../shared/shared_gauges.ts";
import { RATE_SECONDS } from "../shared/relay/target.ts";
import type { Forwards } from "./forwards.ts";

/** What the metrics show of targets: how many there are, and how much goes to each. */
export function forwardGauges(forwards: Pick<Forwards, "targets">): SharedGauge[] {
  return [
    {
      name: "forward_targets",
      help: "Where streams are forwarded to, by the state of it",
      samples() {
        const counts = new Map<string, number>();
        for (const { state } of forwards.targets) counts.set(state, (counts.get(state) ?? 0) + 1);
        return counts.entries().map(([state, value]) => ({ labels: { state }, value }));
      },
    },
    {
      name: "forward_bits_per_second",
      help: `What a target is sent of a stream, over the last ${RATE_SECONDS} seconds`,
      isPerStream: true,
      samples() {
        return forwards.targets.map((each) => {
          const { id: target, stream, address, bitrate: value } = each.toJSON();
          return { labels: { stream, target, address }, value };
        });
      },
    },
  ];
}
