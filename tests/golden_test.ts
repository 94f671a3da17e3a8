import { packetsOf, StreamMaker, type Tag } from "./support/stream_maker.ts";
import { assertDecodable, assertSamePackets, frames, hasBodyOf } from "./support/packets.ts";
import type { FlvTag } from "../media/flv/reader.ts";
import { TAG_AUDIO, TAG_VIDEO } from "../media/flv/tag.ts";
import { builtInClip } from "../plugins/demo/clip.ts";
import { hevc, opus } from "./support/test_bodies.ts";
import { TestServer } from "./support/test_server.ts";
import type { TestPlayer, TransportUnderTest } from "./support/transports/transport.ts";
import { TRANSPORTS } from "./support/transports/transports.ts";

interface Film {
  readonly name: string;
  /** Metadata and configurations. */
  readonly head: readonly Tag[];
  readonly frames: readonly Tag[];
}

const FILMS: readonly Film[] = [
  made("H.264 with B-frames, and AAC", new StreamMaker({ keyBytes: 20_000 })),
  made("H.265 with B-frames, and Opus", new StreamMaker({ keyBytes: 100_000, video: hevc, audio: opus })),
  encoded("what ffmpeg encoded"),
];

for (const film of FILMS) {
  for (const publishing of TRANSPORTS) {
    Deno.test(`${film.name}: published by ${publishing.name}, the same to the byte for all players`, async () => {
      await using players = new AsyncDisposableStack();
      await using server = await TestServer.start();
      await using publisher = await publishing.publish(server, "live/film");
      publisher.write([...film.head, film.frames[0]]);
      const audience = await gather(server, TRANSPORTS, players);
      for (const player of audience) await player.until(hasBodyOf(film.frames[0]));
      publisher.write(film.frames.slice(1));
      for (const player of audience) await player.until(hasBodyOf(film.frames[film.frames.length - 1]));
      for (const player of audience) {
        assertSamePackets(frames(player.packets), packetsOf(film.frames));
        assertDecodable(player.packets);
      }
    });
  }
}

/** One player of each protocol. */
async function gather(
  server: TestServer,
  transports: readonly TransportUnderTest[],
  stack: AsyncDisposableStack,
): Promise<TestPlayer[]> {
  const players: TestPlayer[] = [];
  for (const transport of transports) players.push(stack.use(await transport.play(server, "live/film")));
  return players;
}

function made(name: string, maker: StreamMaker): Film {
  return { name, head: maker.head(), frames: maker.gops(8) };
}

/** Three seconds of the clip that comes with the demo. */
function encoded(name: string): Film {
  const { headers, frames } = builtInClip();
  return { name, head: headers.map(asTag), frames: frames.map(asTag).filter(({ dts }) => dts < 3_000_000) };
}

function asTag({ tagType, timestamp, body }: FlvTag): Tag {
  const kind = tagType === TAG_VIDEO ? "video" : tagType === TAG_AUDIO ? "audio" : "data";
  return { kind, dts: timestamp * 1000, body };
}
