import { fromFileUrl } from "@std/path";
import { findCommand, NGINX_RTMP } from "../setup.ts";
import { freePort } from "../support/free_port.ts";
import { Program } from "../support/program.ts";

const NODE_MEDIA_SERVER = fromFileUrl(new URL("./node_media_server.ts", import.meta.url));

/** Another server for live streams, on the loopback interface; disposing stops it. */
export interface Peer extends AsyncDisposable {
  /** Where streams are published. */
  push(stream: string): readonly string[];
  /** Where they are played. */
  pull(stream: string): readonly string[];
  /** Ends it without a word. */
  kill(): Promise<void>;
}

/** How a peer is started: on which ports, with which folder for its files. */
export interface PeerKind {
  readonly name: string;
  start(folder: string, ports: PeerPorts): Promise<Peer>;
}

/** Free ports for a peer. */
export interface PeerPorts {
  readonly rtmp: number;
  readonly http: number;
}

/** Ports for programs that cannot choose one. */
export function freePorts(): PeerPorts {
  return { rtmp: freePort(), http: freePort() };
}

/** nginx with its RTMP module: streams by RTMP, below `live`. */
export const nginxRtmp: PeerKind = {
  name: "nginx-rtmp",
  async start(folder, { rtmp }) {
    const config = `
      load_module ${findCommand(NGINX_RTMP)};
      daemon off; master_process off; pid ${folder}/nginx.pid; error_log stderr notice;
      events { worker_connections 64; }
      rtmp { server { listen 127.0.0.1:${rtmp}; application live { live on; } } }`;
    await Deno.writeTextFile(`${folder}/nginx.conf`, config);
    const args = ["-e", "stderr", "-c", `${folder}/nginx.conf`, "-p", folder];
    const program = Program.start(findCommand(["nginx"]) ?? "nginx", args);
    await program.until(/start worker|using the|built by|OS:/, "err");
    const url = (stream: string) => [`rtmp://127.0.0.1:${rtmp}/${stream}`];
    return peerOf(program, url, url);
  },
};

/** Node-Media-Server: streams by RTMP, HTTP-FLV and WebSocket-FLV, published by the first two. */
export const nodeMediaServer: PeerKind = {
  name: "Node-Media-Server",
  async start(folder, { rtmp, http }) {
    // It is fetched when it is run for the first time, which may take longer than anybody waits for a server.
    await Program.deno(["cache", NODE_MEDIA_SERVER]).ended;
    const program = Program.deno(["run", "-A", "--no-check", NODE_MEDIA_SERVER, String(rtmp), String(http)], {
      cwd: folder,
    });
    await program.until(/HTTP server listening[\s\S]*Rtmp Server listening/i);
    const host = `127.0.0.1:${http}`;
    return peerOf(
      program,
      (stream) => [`rtmp://127.0.0.1:${rtmp}/${stream}`, `http://${host}/${stream}.flv`],
      (stream) => [`rtmp://127.0.0.1:${rtmp}/${stream}`, `http://${host}/${stream}.flv`, `ws://${host}/${stream}.flv`],
    );
  },
};

function peerOf(program: Program, push: Peer["push"], pull: Peer["pull"]): Peer {
  const kill = async () => {
    program.kill("SIGKILL");
    await program.over();
  };
  return { push, pull, kill, [Symbol.asyncDispose]: kill };
}
