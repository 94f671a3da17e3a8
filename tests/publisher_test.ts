import { publisherSuite } from "./publisher_suite.ts";
import { TRANSPORTS } from "./support/transports/transports.ts";

for (const transport of TRANSPORTS) publisherSuite(transport, TRANSPORTS);
