import { assertEquals } from "@std/assert";
import { MAX_TAKEOVERS, mayTakeOver, type RepublishPolicy, SILENT_MS } from "./republish.ts";

const HELD = "it has a publisher";
const FIGHT = "two publishers keep taking it from each other: try again in half a minute";

/** `yes`, or why not. */
type Answer = "yes" | typeof HELD | typeof FIGHT;

const CASES: {
  name: string;
  silentMs?: number;
  same?: boolean;
  takeovers?: number;
  answers: Record<RepublishPolicy, Answer>;
}[] = [
  { name: "a stranger", answers: { auto: HELD, reject: HELD, takeover: "yes" } },
  { name: "the same credential", same: true, answers: { auto: "yes", reject: HELD, takeover: "yes" } },
  {
    name: "a stranger, while the first pauses",
    silentMs: SILENT_MS - 1,
    answers: { auto: HELD, reject: HELD, takeover: "yes" },
  },
  {
    name: "a stranger, when the first is silent",
    silentMs: SILENT_MS,
    answers: { auto: "yes", reject: HELD, takeover: "yes" },
  },
  {
    name: "the same credential, after some takeovers",
    same: true,
    takeovers: MAX_TAKEOVERS - 1,
    answers: { auto: "yes", reject: HELD, takeover: "yes" },
  },
  {
    name: "the same credential, after too many",
    same: true,
    takeovers: MAX_TAKEOVERS,
    answers: { auto: FIGHT, reject: HELD, takeover: FIGHT },
  },
];

for (const { name, silentMs = 0, same = false, takeovers = 0, answers } of CASES) {
  for (const policy of ["auto", "reject", "takeover"] as const) {
    Deno.test(`${policy}: ${name} is answered "${answers[policy]}"`, () => {
      const verdict = mayTakeOver(policy, { silentMs, isSameCredential: same, recentTakeovers: takeovers });
      assertEquals(verdict.yes ? "yes" : verdict.why, answers[policy]);
    });
  }
}
