import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Clock } from "../../kernel/clock.ts";
import { definePlugin, type PluginFactory } from "../../kernel/plugin/plugin.ts";
import { endSocket } from "../../kernel/front/socket_end.ts";
import { Viewers } from "../../kernel/fanout/viewer.ts";
import { LateTracks } from "../shared/flv_playback.ts";
import { MergedReads } from "../shared/merged_reads.ts";
import { wsFlvClient } from "./stream_client.ts";
import { CLOSE_MS } from "./connection.ts";
import { handshakeFault } from "./handshake.ts";
import { play } from "./play.ts";
import { publish } from "./publish.ts";

/** `/{app}/{stream}` with or without `.flv`; names are checked later, to be refused in words. */
const STREAM_PATH = /^\/[^/?]+\/[^/?]+$/;

/** WebSocket-FLV: `/{app}/{stream}.flv` plays, `/{app}/{stream}` publishes. */
export const wsFlv: PluginFactory = definePlugin({
  name: "ws-flv",
  inWorkers: true,
  setup(ctx) {
    ctx.clients.add(wsFlvClient);
    const viewers = new Viewers(ctx.clock, ctx.stallMs);
    ctx.defer(() => viewers[Symbol.dispose]());
    const reads = new MergedReads(ctx.clock);
    ctx.defer(() => reads[Symbol.dispose]());
    const deps = { ctx, reads, viewers, lateTracks: new LateTracks(ctx) };
    ctx.front.upgrade({
      name: "ws-flv",
      matches: (request) => STREAM_PATH.test(pathOf(request)),
      accept(request, socket, head) {
        const fault = handshakeFault(request);
        if (fault) return refuse(socket as Socket, fault, ctx.clock);
        const isPlay = pathOf(request).endsWith(".flv");
        void (isPlay ? play : publish)(deps, request, socket as Socket, head);
      },
    });
  },
});

/** Ended here alone, a connection would stay open for as long as the client likes. */
function refuse(socket: Socket, fault: string, clock: Clock): void {
  socket.write(fault);
  endSocket(socket, clock, CLOSE_MS);
}

function pathOf({ url = "/" }: IncomingMessage): string {
  return url.split("?", 1)[0];
}
