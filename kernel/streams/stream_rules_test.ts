import { assertEquals, assertThrows } from "@std/assert";
import { DEFAULT_VHOST } from "../names.ts";
import { type StreamRule, StreamRules } from "./stream_rules.ts";

const ALL: StreamRule = {
  republish: "auto",
  graceSeconds: 5,
  waitSeconds: 10,
  keepSeconds: 30,
  publishTimeoutSeconds: 10,
  viewers: 0,
  publishKbps: 0,
};

const RULES = new StreamRules(ALL, {
  "live/*": { viewers: 100, graceSeconds: 30 },
  "live/vip*": { viewers: 0 },
  "school:*": { republish: "reject" },
});

const CASES: { vhost?: string; app: string; name: string; rule: Partial<StreamRule> }[] = [
  { app: "other", name: "cam", rule: {} },
  { app: "live", name: "cam", rule: { viewers: 100, graceSeconds: 30 } },
  { app: "live", name: "vip1", rule: { viewers: 0, graceSeconds: 30 } },
  { vhost: "school", app: "live", name: "cam", rule: { republish: "reject" } },
];

for (const { vhost = DEFAULT_VHOST, app, name, rule } of CASES) {
  Deno.test(`what counts for ${vhost}:${app}/${name}: ${JSON.stringify(rule)}, and else what counts for all`, () => {
    assertEquals(RULES.of({ vhost, app, name }), { ...ALL, ...rule });
  });
}

Deno.test("a pattern that is none is refused", () => {
  assertThrows(() => new StreamRules(ALL, { "live": {} }), TypeError, "is no pattern of streams");
});
