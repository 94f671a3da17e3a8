import type { Socket } from "node:net";
import { addressOf } from "../../../kernel/front/peer_address.ts";
import type { PluginContext } from "../../../kernel/plugin/plugin.ts";
import type { Session } from "../../../kernel/sessions/session.ts";
import type { ConnectInfo } from "./server_events.ts";
import { rtmpTarget } from "./stream_name.ts";

/**
 * Asks whether a peer may connect, and opens its session: with the queries of app and address, where peers put their keys.
 *
 * @throws {Refusal} when it may not
 */
export function openSession(ctx: PluginContext, socket: Socket, info: ConnectInfo): Promise<Session> {
  const { app, params } = rtmpTarget(info.app, info.tcUrl, "");
  return ctx.open({
    protocol: "rtmp",
    remote: addressOf(socket),
    params: params.size > 0 ? params : undefined,
    url: info.tcUrl.split("?")[0],
    referer: info.pageUrl,
    userAgent: info.flashVer,
    isPublisher: info.isPublisher,
  }, { app, vhost: params.get("vhost") ?? undefined });
}
