import type { TransportUnderTest } from "./support/transports/transport.ts";
import { endTests } from "./viewer/ends.ts";
import { publisherGoesTests, publisherStaysAwayTests } from "./viewer/publisher_goes.ts";
import { refusalTests } from "./viewer/refusal.ts";
import { slowTests } from "./viewer/slow.ts";
import { startTests, waitTests } from "./viewer/start.ts";
import { selectionTests, trackTests } from "./viewer/tracks.ts";

/** What every player of every protocol may rely on, whoever publishes. */
export function viewerSuite(viewer: TransportUnderTest, publishers: readonly TransportUnderTest[]): void {
  for (const publishing of publishers) {
    startTests(viewer, publishing);
    trackTests(viewer, publishing);
    publisherGoesTests(viewer, publishing);
  }
  const [anyone] = publishers;
  waitTests(viewer);
  if (viewer.choosesByQuery) selectionTests(viewer, anyone);
  slowTests(viewer, anyone);
  publisherStaysAwayTests(viewer, anyone);
  refusalTests(viewer, anyone);
  endTests(viewer, anyone);
}
