import type { FeedEvent } from "../../kernel/plugin/event_feed.ts";

/** What a command is told, by name: `stream`, `app`, `name`, `vhost`, `event`, `protocol`, `remote`, `session`, `path`, `reason`. */
export type Facts = Readonly<Record<string, string>>;

/** Fills `{stream}` and the like in one argument; an argument stays one, whatever is filled in. What is not known stays as it is. */
export function filled(argument: string, facts: Facts): string {
  return argument.replace(/\{(\w+)\}/g, (whole, name: string) => Object.hasOwn(facts, name) ? facts[name] : whole);
}

/** The same as variables of the environment: `SLUICE_STREAM`. */
export function variables(facts: Facts): Record<string, string> {
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [`SLUICE_${name.toUpperCase()}`, value]));
}

/** What an event tells. */
export function factsOf({ name, stream, session, data }: FeedEvent): Facts {
  const more = ["path", "reason", "by", "problem"].flatMap((key) =>
    typeof data[key] === "string" ? [[key, data[key]]] : []
  );
  const peer = session ? { session: session.id, protocol: session.protocol, remote: session.remote } : {};
  return { event: name, ...stream === undefined ? {} : streamFacts(stream), ...peer, ...Object.fromEntries(more) };
}

/** What a stream's id, `app/name` or `vhost:app/name`, tells. */
export function streamFacts(id: string): Facts {
  const [, vhost = "_", app, name] = /^(?:(.*):)?([^/]*)\/(.*)$/.exec(id) ?? [];
  return { stream: id, vhost, app: app ?? "", name: name ?? "" };
}
