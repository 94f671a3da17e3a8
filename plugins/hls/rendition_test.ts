import { assert } from "@std/assert";
import { silentLogger } from "../../kernel/log/log.ts";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { packetsOf, StreamMaker } from "../../tests/support/stream_maker.ts";
import { Rendition } from "./rendition.ts";
import { hlsConfig } from "./settings.ts";

const VIEW = { skip: false, isBeforeEnd: false };

Deno.test("a playlist that reports other renditions is written once for all who ask, until something changes", () => {
  const [clock, maker] = [new FakeClock(), new StreamMaker()];
  const rendition = new Rendition({
    ...{ title: "live/cam", uri: "media.m3u8", video: 0, isAligned: true, log: silentLogger, clock },
    settings: hlsConfig.parse({}),
  });
  rendition.begin();
  for (const packet of packetsOf([...maker.head(), ...maker.gops(11)])) rendition.write(packet);
  const asked = (uri: string, lastMsn = 7) => rendition.served(VIEW, [{ uri, lastMsn, lastPart: 1 }]);
  const first = asked("../../live/cam_360/media.m3u8");
  assert(first);
  assert(asked("../../live/cam_360/media.m3u8") === first);
  assert(asked("../../live/cam_360/media.m3u8", 8) !== first);
  assert(asked("../../live/cam_360/media.m3u8?key=1") !== first);
  assert(rendition.served({ ...VIEW, skip: true }, []) !== first);
  for (const packet of packetsOf(maker.gops(6))) rendition.write(packet);
  assert(asked("../../live/cam_360/media.m3u8") !== first);
});
