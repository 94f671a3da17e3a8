import type { AmfObject } from "../../media/amf_value.ts";
import { type Command, objectArgument, textArgument } from "./command.ts";
import type { ServerMachine } from "./server_machine.ts";

/** In `capsEx`: the peer knows multitrack messages (Enhanced RTMP v2, "Enhancing NetConnection connect Command"). */
const CAPS_MULTITRACK = 0x02;

/** Answers one command of a peer. */
export type CommandHandler = (machine: ServerMachine, command: Command) => void;

/** The commands that encoders and players send; others with a transaction get an empty result. */
export const COMMANDS: Readonly<Record<string, CommandHandler | undefined>> = Object.assign(
  Object.create(null),
  {
    connect(machine, command) {
      const given = objectArgument(command, 0);
      machine.askConnect(command.transaction, {
        app: text(given, "app"),
        tcUrl: text(given, "tcUrl"),
        pageUrl: text(given, "pageUrl") || undefined,
        flashVer: text(given, "flashVer") || undefined,
        knowsTracks: (Number(given.capsEx) & CAPS_MULTITRACK) !== 0,
      });
    },
    createStream: (machine, command) => machine.replies.result(command, machine.openStream()),
    releaseStream: (machine, command) => machine.replies.result(command),
    FCPublish(machine, command) {
      machine.replies.result(command);
      machine.replies.fcPublish(textArgument(command, 1));
    },
    FCUnpublish(machine, command) {
      for (const [streamId, { use }] of machine.streams) if (use === "publishing") machine.stop(streamId);
      machine.replies.result(command);
    },
    FCSubscribe: (machine, command) => machine.replies.result(command),
    publish(machine, command) {
      const { streamId } = command;
      machine.stop(streamId);
      machine.stream(streamId).use = "publish-asked";
      machine.tell({ type: "publish", streamId, name: textArgument(command, 1) });
    },
    play(machine, command) {
      const { streamId, values } = command;
      machine.stop(streamId);
      machine.stream(streamId).use = "play-asked";
      machine.tell({
        type: "play",
        streamId,
        name: textArgument(command, 1),
        reset: values[4] !== false && values[4] !== 0,
      });
    },
    play2(machine, command) {
      const { streamId } = command;
      machine.stop(streamId);
      machine.stream(streamId).use = "play-asked";
      machine.tell({ type: "play", streamId, name: text(objectArgument(command, 1), "streamName"), reset: true });
    },
    pause(machine, command) {
      const { streamId, values } = command;
      const isPaused = values[1] === true;
      machine.tell({ type: "pause", streamId, isPaused });
      const code = isPaused ? "NetStream.Pause.Notify" : "NetStream.Unpause.Notify";
      machine.replies.status(streamId, "status", code, isPaused ? "Paused" : "Playing");
    },
    seek(machine, command) {
      machine.replies.status(
        command.streamId,
        "status",
        "NetStream.Seek.Notify",
        "A live stream has no other place to go to",
      );
    },
    receiveAudio: (machine, command) => receive(machine, command, "audio"),
    receiveVideo: (machine, command) => receive(machine, command, "video"),
    closeStream: (machine, command) => machine.stop(command.streamId),
    deleteStream(machine, command) {
      const streamId = Number(command.values[1] ?? command.streamId);
      machine.stop(streamId);
      machine.streams.delete(streamId);
    },
    getStreamLength: (machine, command) => machine.replies.result(command, 0),
  } satisfies Record<string, CommandHandler>,
);

function receive(machine: ServerMachine, command: Command, kind: "audio" | "video"): void {
  machine.tell({ type: "receive", streamId: command.streamId, kind, isOn: command.values[1] !== false });
}

function text(object: AmfObject, name: string): string {
  const value = object[name];
  return typeof value === "string" ? value : "";
}
