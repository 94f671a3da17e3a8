import { encodeAmf0 } from "../../../media/amf/amf0.ts";
import type { AmfObject, AmfValue } from "../../../media/amf/amf_value.ts";
import { CAPS_EX, FOURCC_FORWARD } from "../wire/capabilities.ts";
import type { Command } from "../wire/command.ts";
import { type MessageWriter, UserControl } from "../wire/messages.ts";

/** Bytes after which the peer is asked to acknowledge, and the bandwidth it is told that it has. */
const WINDOW = 2_500_000;

/** How the server names itself; players of old ask for at least this version before they use newer codecs. */
const SERVER_VERSION = "FMS/3,5,7,7009";

/** What the server knows, as Flash's servers say it: 31 for all there is. */
const CAPABILITIES = 31;

/** Enhanced RTMP: what goes through. `*` stands for every codec: what nobody parses passes byte for byte. */
const FOURCCS = ["hvc1", "av01", "vp09", "avc1", "vvc1", "vp08", "mp4a", "Opus", "fLaC", "ac-3", "ec-3", ".mp3", "*"];

/** Writes a server's answers. */
export class ServerReplies {
  readonly #writer: MessageWriter;

  constructor(writer: MessageWriter) {
    this.#writer = writer;
  }

  /** The answer to a command that wanted one. */
  result(command: Command, value?: AmfValue): void {
    if (command.transaction !== 0) this.#writer.command(0, "_result", command.transaction, null, value);
  }

  /** `onStatus` on a message stream (RTMP 1.0, section 7.2.2). */
  status(streamId: number, level: "status" | "error", code: string, description: string): void {
    this.#writer.encodedCommand(streamId, status(level, code, description));
  }

  /** Sends the peer of one stream elsewhere, as SRS's servers say it: the connection's address, and beside it the stream's. */
  elsewhere(streamId: number, description: string, address: string): void {
    const [, connection] = /^(\w+:\/\/[^/]+\/[^/?]+)\/[^?]/.exec(address) ?? [];
    const ex = connection ? { code: 302, redirect: connection, redirect2: address } : { code: 302, redirect: address };
    const about = information("error", "NetConnection.Connect.Rejected", description);
    this.#writer.encodedCommand(streamId, encodeAmf0("onStatus", 0, null, { ...about, ex }));
  }

  /** Accepts `connect` (section 7.2.1.1), and says what is sent from now on in which chunk size. */
  connected(transaction: number, chunkSize: number): void {
    this.#writer.windowAcknowledgementSize(WINDOW);
    this.#writer.setPeerBandwidth(WINDOW);
    this.#writer.setChunkSize(chunkSize);
    this.#writer.encodedCommand(0, encodeAmf0("_result", transaction), CONNECTED);
  }

  /** Refuses `connect`; with `redirect`, as players and encoders that know it expect it: code 302 in `ex`. */
  connectRejected(transaction: number, description: string, redirect?: string): void {
    const info: AmfObject = information("error", "NetConnection.Connect.Rejected", description);
    if (redirect) info.ex = { code: 302, redirect };
    this.#writer.command(0, "_error", transaction, null, info);
  }

  /** What encoders of old wait for behind the answer to `FCPublish`. */
  fcPublish(name: string): void {
    this.#writer.command(0, "onFCPublish", 0, null, {
      code: "NetStream.Publish.Start",
      description: name.split("?")[0],
    });
  }

  /** Accepts `publish` (section 7.2.2.6). */
  publishStarted(streamId: number): void {
    this.#writer.userControl(UserControl.STREAM_BEGIN, streamId);
    this.status(streamId, "status", "NetStream.Publish.Start", "Publishing");
  }

  /**
   * Accepts `play` (section 7.2.2.1), with all that players wait for before they show anything. `NetStream.Data.Start` is not
   * among it: FFmpeg takes that for a third track, which it can write into no file.
   */
  playStarted(streamId: number, reset: boolean): void {
    this.#writer.userControl(UserControl.STREAM_BEGIN, streamId);
    if (reset) this.#writer.encodedCommand(streamId, PLAY_RESET);
    this.#writer.encodedCommand(streamId, PLAY_START);
    this.#writer.encodedData(streamId, SAMPLE_ACCESS);
  }

  /** The stream that is played has ended. */
  playEnded(streamId: number, description: string): void {
    this.status(streamId, "status", "NetStream.Play.UnpublishNotify", description);
    this.status(streamId, "status", "NetStream.Play.Stop", description);
    this.#writer.userControl(UserControl.STREAM_EOF, streamId);
  }
}

/** What every peer is told alike is encoded once: thousands may come within a second. */
const CONNECTED = encodeAmf0({ fmsVer: SERVER_VERSION, capabilities: CAPABILITIES, mode: 1 }, {
  ...information("status", "NetConnection.Connect.Success", "Connected"),
  objectEncoding: 0,
  capsEx: CAPS_EX,
  fourCcList: FOURCCS,
  videoFourCcInfoMap: { "*": FOURCC_FORWARD },
  audioFourCcInfoMap: { "*": FOURCC_FORWARD },
});
const PLAY_RESET = status("status", "NetStream.Play.Reset", "Playing from the start");
const PLAY_START = status("status", "NetStream.Play.Start", "Playing");
const SAMPLE_ACCESS = encodeAmf0("|RtmpSampleAccess", true, true);

function status(level: string, code: string, description: string): Uint8Array {
  return encodeAmf0("onStatus", 0, null, information(level, code, description));
}

function information(level: string, code: string, description: string): AmfObject {
  return { level, code, description };
}
