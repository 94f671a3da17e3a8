import { endTests } from "./publisher/ends.ts";
import { refusalTests } from "./publisher/refusal.ts";
import { policyTests, republishTests } from "./publisher/republish.ts";
import type { TransportUnderTest } from "./support/transports/transport.ts";

/** What every publisher of every protocol may rely on, whoever published before. */
export function publisherSuite(transport: TransportUnderTest, others: readonly TransportUnderTest[]): void {
  refusalTests(transport);
  endTests(transport);
  policyTests(transport);
  for (const other of others) republishTests(transport, other);
}
