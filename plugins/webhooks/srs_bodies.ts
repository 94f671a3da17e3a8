import { DEFAULT_VHOST, type StreamKey } from "../../kernel/names.ts";
import type { Session } from "../../kernel/sessions/session.ts";
import { withoutPass } from "../shared/node_sessions.ts";

/** What the server calls itself towards SRS's backends. */
export interface SrsServer {
  readonly serverId: string;
  readonly dataDir: string;
}

/** A file that was written. */
export interface SrsFile {
  /** Below the data folder. */
  readonly path: string;
  readonly seconds?: number;
}

const SRS_VHOST = "__defaultVhost__";

/** The body of `on_connect` and `on_close`. */
export function connectionBody(action: string, session: Session, app: string, vhost: string, server: SrsServer) {
  const name = srsVhost(vhost);
  return {
    action,
    server_id: server.serverId,
    client_id: session.id,
    ip: ipOf(session),
    vhost: name,
    app,
    tcUrl: `rtmp://${name}/${app}`,
    pageUrl: session.info.referer ?? "",
    ...(action === "on_close" && { send_bytes: session.bytesOut, recv_bytes: session.bytesIn }),
  };
}

/** The body of `on_publish`, `on_unpublish`, `on_play` and `on_stop`. */
export function streamBody(action: string, session: Session, key: StreamKey, server: SrsServer) {
  const { app, name } = key;
  const vhost = srsVhost(key.vhost);
  const params = withoutPass(session.params);
  return {
    action,
    server_id: server.serverId,
    client_id: session.id,
    ip: ipOf(session),
    vhost,
    app,
    stream: name,
    tcUrl: `rtmp://${vhost}/${app}`,
    param: params.size > 0 ? `?${params}` : "",
    stream_url: `/${app}/${name}`,
    stream_id: `${vhost}/${app}/${name}`,
    ...(action === "on_play" && { pageUrl: session.info.referer ?? "" }),
  };
}

/** The body of `on_dvr`. */
export function recordingBody(session: Session, key: StreamKey, file: SrsFile, server: SrsServer) {
  return { ...streamBody("on_dvr", session, key, server), cwd: server.dataDir, file: `./${file.path}` };
}

/** The body of `on_hls`; `sequence` is the segment's. */
export function segmentBody(session: Session, key: StreamKey, file: SrsFile, sequence: number, server: SrsServer) {
  const playlist = `hls/${key.app}/${key.name}/index.m3u8`;
  return {
    ...streamBody("on_hls", session, key, server),
    duration: file.seconds ?? 0,
    cwd: server.dataDir,
    file: `./${file.path}`,
    url: file.path,
    m3u8: `./${playlist}`,
    m3u8_url: playlist,
    seq_no: sequence,
  };
}

function srsVhost(vhost: string): string {
  return vhost === DEFAULT_VHOST ? SRS_VHOST : vhost;
}

function ipOf({ remote }: Session): string {
  return remote.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
}
