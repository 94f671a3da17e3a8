import { TRANSPORTS } from "./support/transports/transports.ts";
import { viewerSuite } from "./viewer_suite.ts";

for (const viewer of TRANSPORTS) viewerSuite(viewer, TRANSPORTS);
