import { streamId, streamKey } from "../../kernel/names.ts";
import { OpenSession, type SessionInfo } from "../../kernel/sessions/session.ts";
import { collectLog } from "../../kernel/testing/collected_log.ts";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { credentialsOf } from "./ways/credentials.ts";
import { ipOfRemote } from "../../kernel/front/ip_address.ts";
import type { Action, Applicant } from "./ways/way.ts";

/** What a test says of somebody who asks. */
export interface Asker extends Partial<Omit<SessionInfo, "params">> {
  readonly action?: Action;
  readonly path?: string;
  /** The query. */
  readonly query?: string;
}

/** A session as a protocol opens it. */
export function sessionOf({ action: _, path: __, query, ...info }: Asker = {}): OpenSession {
  const params = query === undefined ? undefined : new URLSearchParams(query);
  const all = { protocol: "http-flv", remote: "192.0.2.7:5000", params, ...info };
  return new OpenSession(all, collectLog().log, new FakeClock());
}

/** Somebody who wants to publish `live/cam`, unless the test says otherwise. */
export function applicantOf(asker: Asker = {}): Applicant {
  const session = sessionOf(asker);
  const [app, name] = (asker.path ?? "live/cam").split("/");
  const key = streamKey(app, name, session.params);
  return {
    action: asker.action ?? "publish",
    session,
    key,
    stream: streamId(key.vhost, app, name),
    credentials: credentialsOf(session),
    ip: ipOfRemote(session.remote),
  };
}
